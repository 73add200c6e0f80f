using System.Numerics;
using System.Runtime.InteropServices;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// Converts samples of any rate to 16 kHz with a polyphase windowed-sinc filter that cuts off below the lower of the two
/// Nyquist frequencies (Kaiser window, stopband about 90 dB down), so that nothing aliases into the speech band.
/// </summary>
internal sealed class Resampler
{
    // Zero crossings of the sinc on each side, at the lower rate, which give a transition band of about 9 % of it.
    private const int ZeroCrossings = 32;
    private const double KaiserBeta = 9;
    private const double PassBand = 0.91;

    private readonly int up;
    private readonly int down;
    private readonly int taps;
    private readonly float[] phases;
    private readonly List<float> held = [];
    private long heldStart;
    private long inputCount;
    private long outputCount;

    public Resampler(int sampleRate)
    {
        var divisor = (int)BigInteger.GreatestCommonDivisor(sampleRate, PcmFormat.SampleRate);
        up = PcmFormat.SampleRate / divisor;
        down = sampleRate / divisor;
        var half = (int)Math.Ceiling(ZeroCrossings * Math.Max(1.0, (double)down / up));
        taps = 2 * half;
        phases = Design(half);
        // There is silence before the first sample, as long as the filter looks back.
        CollectionsMarshal.SetCount(held, half - 1);
        CollectionsMarshal.AsSpan(held).Clear();
        heldStart = -(half - 1);
    }

    /// <summary>Takes samples and returns those that are ready as 16-bit PCM.</summary>
    public void Process(ReadOnlySpan<float> samples, List<short> output)
    {
        inputCount += samples.Length;
        held.AddRange(samples);
        Drain(output, long.MaxValue);
    }

    /// <summary>Returns the remaining samples, so that the duration equals the input's.</summary>
    public void Complete(List<short> output)
    {
        var wanted = (inputCount * up / down) + (inputCount * up % down == 0 ? 0 : 1);
        held.AddRange(new float[taps]);
        Drain(output, wanted);
    }

    private void Drain(List<short> output, long wanted)
    {
        var samples = CollectionsMarshal.AsSpan(held);
        while (outputCount < wanted)
        {
            // The output sample lies at this input position plus phase/up.
            var position = outputCount * down / up;
            var phase = (int)(outputCount * down % up);
            var first = (int)(position - (taps / 2) + 1 - heldStart);
            if (first + taps > samples.Length) break;
            var value = Dot(samples.Slice(first, taps), phases.AsSpan(phase * taps, taps));
            output.Add((short)Math.Clamp(MathF.Round(value * 32768f), short.MinValue, short.MaxValue));
            outputCount++;
        }

        var needed = (outputCount * down / up) - (taps / 2) + 1;
        var drop = (int)Math.Clamp(needed - heldStart, 0, held.Count);
        held.RemoveRange(0, drop);
        heldStart += drop;
    }

    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var lefts = MemoryMarshal.Cast<float, Vector<float>>(left);
        var rights = MemoryMarshal.Cast<float, Vector<float>>(right);
        var sums = Vector<float>.Zero;
        for (var i = 0; i < lefts.Length; i++) sums += lefts[i] * rights[i];
        var sum = Vector.Sum(sums);
        for (var i = lefts.Length * Vector<float>.Count; i < left.Length; i++) sum += left[i] * right[i];
        return sum;
    }

    private float[] Design(int half)
    {
        var cutoff = Math.Min(1.0, (double)up / down) * PassBand;
        var filter = new float[up * taps];
        var window = 1 / BesselI0(KaiserBeta);
        for (var phase = 0; phase < up; phase++)
        {
            var row = filter.AsSpan(phase * taps, taps);
            double sum = 0;
            for (var tap = 0; tap < taps; tap++)
            {
                var x = tap - half + 1 - ((double)phase / up);
                var relative = x / half;
                var kaiser = Math.Abs(relative) >= 1 ? 0 : BesselI0(KaiserBeta * Math.Sqrt(1 - (relative * relative))) * window;
                var angle = Math.PI * x * cutoff;
                var value = (Math.Abs(angle) < 1e-9 ? 1 : Math.Sin(angle) / angle) * kaiser;
                row[tap] = (float)value;
                sum += value;
            }

            // Each phase passes a constant unchanged; otherwise the gain would vary from sample to sample.
            foreach (ref var value in row) value = (float)(value / sum);
        }

        return filter;
    }

    private static double BesselI0(double x)
    {
        double sum = 1, term = 1;
        for (var k = 1; term > sum * 1e-12; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }
}
