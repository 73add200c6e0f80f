namespace MultiModal.Pipeline.Audio;

/// <summary>
/// How loud a recording is from its beginning to its end, to be drawn. It is made of the levels that cutting needs anyway, and stored as a byte for
/// each stretch.
/// </summary>
public static class Waveform
{
    /// <summary>Largest number of stretches.</summary>
    public const int MaxPeaks = 1000;

    /// <param name="levels">Level of each frame, in dBFS.</param>
    /// <returns>A byte for each of at most <see cref="MaxPeaks"/> stretches of the same length.</returns>
    internal static byte[] Of(IReadOnlyList<float> levels)
    {
        var peaks = new byte[Math.Min(levels.Count, MaxPeaks)];
        for (var at = 0; at < peaks.Length; at++)
        {
            var (from, to) = (Frame(at), Frame(at + 1));
            var loudest = float.MinValue;
            for (var frame = from; frame < to; frame++) loudest = Math.Max(loudest, levels[frame]);
            peaks[at] = Write(Math.Pow(10, loudest / 20));
        }

        return peaks;

        int Frame(int stretch) => (int)((long)stretch * levels.Count / peaks.Length);
    }

    /// <summary>Returns the loudest level of each stretch: the root mean square of 10 ms, from 0 to 1 (full scale), in thousandths.</summary>
    public static IReadOnlyList<double> Read(ReadOnlySpan<byte> peaks)
    {
        var read = new double[peaks.Length];
        for (var at = 0; at < read.Length; at++) read[at] = Math.Round(Math.Pow(peaks[at] / 255.0, 2), 3);
        return read;
    }

    /// <summary>Quiet sounds are told apart better than loud ones, as ears do: the square root is stored.</summary>
    private static byte Write(double amplitude) => (byte)Math.Round(255 * Math.Sqrt(Math.Clamp(amplitude, 0, 1)));
}
