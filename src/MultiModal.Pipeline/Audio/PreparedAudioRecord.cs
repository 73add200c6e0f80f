namespace MultiModal.Pipeline.Audio;

/// <summary>What <c>prepare-audio</c> leaves in its record: the pieces themselves lie in the cache.</summary>
/// <param name="Plan">How the recording was cut.</param>
/// <param name="CacheFolder">Folder of the pieces in the cache container.</param>
public sealed record PreparedAudioRecord(AudioPlan Plan, string CacheFolder);
