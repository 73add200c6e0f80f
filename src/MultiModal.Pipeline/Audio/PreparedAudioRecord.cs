using System.Globalization;
using System.Text.Json.Serialization;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Audio;

/// <summary>The record of <c>prepare-audio</c>; the pieces themselves are in the cache.</summary>
/// <param name="Plan">Plan of how the recording was cut.</param>
/// <param name="CacheFolder">Folder of the pieces in the cache container.</param>
/// <param name="ChunkHashes">Hashes of the pieces' bytes, which are the keys by which <c>transcribe-audio</c> is cached.</param>
/// <param name="Rule">Rule by which speech was found (<see cref="AudioPreparer.Rule"/>). Null in what builds before 1.1.0 made.</param>
/// <param name="Peaks">The waveform (<see cref="Waveform"/>). Null in what builds before 1.1.0 made, and where nothing was decoded.</param>
public sealed record PreparedAudioRecord(
    AudioPlan Plan, string CacheFolder, IReadOnlyList<ContentHash> ChunkHashes, string? Rule = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ReadOnlyMemory<byte>? Peaks = null)
{
    /// <summary>Name of a piece's blob in the cache container.</summary>
    public static string ChunkName(string cacheFolder, int part) => string.Create(CultureInfo.InvariantCulture, $"{cacheFolder}/chunk-{part:D5}");
}
