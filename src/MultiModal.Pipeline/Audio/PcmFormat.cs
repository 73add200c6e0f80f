namespace MultiModal.Pipeline.Audio;

/// <summary>What everything is decoded to, since every speech model works on it: 16 kHz, mono, 16-bit little-endian.</summary>
internal static class PcmFormat
{
    public const int SampleRate = 16_000;
    public const int BytesPerSample = 2;
    public const int BytesPerSecond = SampleRate * BytesPerSample;
}
