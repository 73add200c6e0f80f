using System.Globalization;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Audio;

/// <summary>What <c>prepare-audio</c> leaves in its record: the pieces themselves lie in the cache.</summary>
/// <param name="Plan">How the recording was cut.</param>
/// <param name="CacheFolder">Folder of the pieces in the cache container.</param>
/// <param name="ChunkHashes">Of each piece's bytes: the keys that <c>transcribe-audio</c> is cached by.</param>
public sealed record PreparedAudioRecord(AudioPlan Plan, string CacheFolder, IReadOnlyList<ContentHash> ChunkHashes)
{
    /// <summary>Blob of a piece in the cache container.</summary>
    public static string ChunkName(string cacheFolder, int part) => string.Create(CultureInfo.InvariantCulture, $"{cacheFolder}/chunk-{part:D5}");
}
