namespace MultiModal.Pipeline.Audio;

/// <summary>Frames of 10 ms, from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
internal readonly record struct FrameRange(int Start, int End)
{
    public const int FramesPerSecond = PcmFormat.SampleRate / LevelMeter.FrameSamples;

    public int Length => End - Start;

    public static int FramesOf(double seconds) => (int)Math.Round(seconds * FramesPerSecond);
}
