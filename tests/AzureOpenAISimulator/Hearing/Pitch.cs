using System.Numerics;
using System.Runtime.InteropServices;

namespace AzureOpenAISimulator.Hearing;

/// <summary>
/// The pitch of a moment of sound, by autocorrelation: the shortest shift at which the sound is nearly as much like itself as at any other.
/// Tones and voices from 60 to 1,000 Hz are told to about 1 %.
/// </summary>
internal static class Pitch
{
    private const int ShortestShift = Waveform.Rate / 1_000;
    private const int LongestShift = Waveform.Rate / 60;

    /// <summary>Below it, a sound is noise.</summary>
    private const float Voiced = 0.6f;

    /// <param name="sound">A little longer than the longest period that is looked for.</param>
    /// <returns>Hertz; null where nothing repeats itself.</returns>
    public static double? Of(ReadOnlySpan<float> sound)
    {
        var length = sound.Length - LongestShift - 1;
        if (length <= 0) return null;
        Span<float> likeness = stackalloc float[LongestShift + 2];
        for (var shift = ShortestShift - 1; shift <= LongestShift + 1; shift++) likeness[shift] = Likeness(sound, shift, length);
        var best = 0f;
        for (var shift = ShortestShift; shift <= LongestShift; shift++) best = Math.Max(best, likeness[shift]);
        if (best < Voiced) return null;
        for (var shift = ShortestShift; shift <= LongestShift; shift++)
        {
            if (likeness[shift] >= 0.9f * best && IsPeak(likeness, shift)) return Waveform.Rate / Period(likeness, shift);
        }
        return null;
    }

    private static bool IsPeak(ReadOnlySpan<float> likeness, int shift) =>
        likeness[shift] >= likeness[shift - 1] && likeness[shift] >= likeness[shift + 1];

    /// <summary>The peak at the last whole multiple of the shift says more exactly how long the period is than the first does.</summary>
    private static double Period(ReadOnlySpan<float> likeness, int shift)
    {
        var period = Summit(likeness, shift);
        for (var multiple = 2; multiple * period <= LongestShift; multiple++)
        {
            var near = (int)Math.Round(multiple * period);
            for (var at = Math.Max(ShortestShift, near - 1); at <= Math.Min(LongestShift, near + 1); at++)
            {
                if (!IsPeak(likeness, at)) continue;
                period = Summit(likeness, at) / multiple;
                break;
            }
        }
        return period;
    }

    /// <summary>Of the parabola through three neighbours.</summary>
    private static double Summit(ReadOnlySpan<float> likeness, int at)
    {
        double before = likeness[at - 1], here = likeness[at], after = likeness[at + 1];
        var bend = before - 2 * here + after;
        return bend == 0 ? at : at + (before - after) / (2 * bend);
    }

    private static float Likeness(ReadOnlySpan<float> sound, int shift, int length)
    {
        var a = sound[..length];
        var b = sound.Slice(shift, length);
        var power = Product(a, a) * Product(b, b);
        return power <= 0 ? 0 : Product(a, b) / MathF.Sqrt(power);
    }

    private static float Product(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var wideA = MemoryMarshal.Cast<float, Vector<float>>(a);
        var wideB = MemoryMarshal.Cast<float, Vector<float>>(b);
        var sums = Vector<float>.Zero;
        for (var at = 0; at < wideA.Length; at++) sums += wideA[at] * wideB[at];
        var sum = Vector.Sum(sums);
        for (var at = wideA.Length * Vector<float>.Count; at < a.Length; at++) sum += a[at] * b[at];
        return sum;
    }
}
