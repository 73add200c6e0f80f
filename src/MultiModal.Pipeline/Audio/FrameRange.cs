namespace MultiModal.Pipeline.Audio;

/// <summary>Frames of 10 ms, from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
internal readonly record struct FrameRange(int Start, int End)
{
    public int Length => End - Start;
}
