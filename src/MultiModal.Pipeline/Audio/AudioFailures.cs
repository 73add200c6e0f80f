using System.Globalization;

namespace MultiModal.Pipeline.Audio;

/// <summary>Failures that several decoders share.</summary>
internal static class AudioFailures
{
    public static Failure Corrupt() =>
        new(FailureCodes.CorruptAudio,
            "The recording cannot be decoded. It is damaged, incomplete, or not audio at all. Drop it again, or export it anew.");

    public static Failure TooLong(int maxSeconds) => new(
        FailureCodes.AudioTooLong, $"The recording is longer than Audio:MaxSeconds ({maxSeconds}). Split it, or raise the limit.");

    public static Failure TooMuchMemory(int megabytes) => new(
        FailureCodes.FileTooLarge,
        $"Reading the recording needs more memory than Programs:MaxMegabytes ({megabytes}). Export it anew or as MP3, or raise the limit.");

    public static Failure TooLarge(long bytes, long maxBytes) => new(FailureCodes.FileTooLarge, string.Create(
        CultureInfo.InvariantCulture, $"The recording has {bytes:N0} bytes, and Audio:MaxBytes allows {maxBytes:N0}. Split it, or raise the limit."));
}
