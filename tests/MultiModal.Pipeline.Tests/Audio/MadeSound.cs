using System.Runtime.InteropServices;

namespace MultiModal.Pipeline.Tests.Audio;

/// <summary>Sound of 16 kHz that is computed, the same on every machine.</summary>
internal static class MadeSound
{
    public const int Rate = 16_000;

    /// <summary>A voice of 120 Hz that says "ah" and "ee" in turn, half a second each, with silence between: pulses through two resonances.</summary>
    public static float[] Vowels(double seconds)
    {
        var sound = new float[(int)(seconds * Rate)];
        var noise = Noise(sound.Length, seed: 5);
        double[] first = [0, 0], second = [0, 0];
        for (var i = 0; i < sound.Length; i++)
        {
            var part = i / (Rate / 2) % 4;
            var source = part is 0 or 2 && i % (Rate / 120) == 0 ? 1.0 : 0.0;
            var formed = Resonate(first, source, part == 0 ? 700 : 300, 90) + (0.5 * Resonate(second, source, part == 0 ? 1200 : 2300, 110));
            sound[i] = (float)(0.05 * formed) + (0.0005f * noise[i]);
        }

        return sound;
    }

    /// <summary>Traffic: rumble and hiss that swell every five seconds.</summary>
    public static float[] Street(double seconds)
    {
        var sound = Noise((int)(seconds * Rate), seed: 3);
        double rumble = 0, tyres = 0;
        for (var i = 0; i < sound.Length; i++)
        {
            rumble = (0.99 * rumble) + (0.1 * sound[i]);
            tyres = (0.7 * tyres) + (0.3 * sound[i]);
            var near = Math.Pow(Math.Sin(Math.PI * i / (5.0 * Rate)), 8);
            sound[i] = (float)((0.3 * rumble) + (0.1 * tyres) + (near * ((0.6 * rumble) + (0.5 * tyres))));
        }

        return sound;
    }

    public static async Task<float[]> ReadAsync(string wav) =>
        [.. MemoryMarshal.Cast<byte, short>((await File.ReadAllBytesAsync(wav)).AsSpan(44)).ToArray().Select(sample => sample / 32768f)];

    public static Task WriteAsync(string wav, params float[][] channels)
    {
        var samples = new short[channels[0].Length * channels.Length];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (short)Math.Clamp(MathF.Round(channels[i % channels.Length][i / channels.Length] * 32768), short.MinValue, short.MaxValue);
        }

        return File.WriteAllBytesAsync(wav, [.. Wav.Header(samples.Length * 2L, Rate, (short)channels.Length), .. MemoryMarshal.AsBytes<short>(samples)]);
    }

    /// <summary>Root mean square of a sound, in dBFS.</summary>
    public static double Db(ReadOnlySpan<float> sound)
    {
        double sum = 0;
        foreach (var sample in sound) sum += sample * sample;
        return 10 * Math.Log10(sum / sound.Length);
    }

    public static float[] Scaled(float[] sound, double db) => [.. sound.Select(sample => sample * (float)Math.Pow(10, db / 20))];

    /// <summary>White noise with a full scale of ±1.</summary>
    private static float[] Noise(int length, uint seed)
    {
        var sound = new float[length];
        for (var i = 0; i < length; i++)
        {
            // Numerical Recipes' generator; the runtime's own may change with a version.
            seed = (1_664_525 * seed) + 1_013_904_223;
            sound[i] = (seed >> 8) / (float)(1 << 23) - 1;
        }

        return sound;
    }

    private static double Resonate(double[] held, double source, double frequency, double width)
    {
        var radius = Math.Exp(-Math.PI * width / Rate);
        var next = source + (2 * radius * Math.Cos(2 * Math.PI * frequency / Rate) * held[0]) - (radius * radius * held[1]);
        (held[1], held[0]) = (held[0], next);
        return next;
    }
}
