namespace MultiModal.Pipeline.Audio;

/// <summary>The failures that several decoders share.</summary>
internal static class AudioFailures
{
    public static Failure Corrupt() => new(FailureCodes.CorruptAudio, "The recording cannot be decoded: it is damaged, incomplete, or not audio at all.");

    public static Failure TooLong(int maxSeconds) => new(
        FailureCodes.AudioTooLong, $"The recording is longer than Audio:MaxSeconds ({maxSeconds}).");
}
