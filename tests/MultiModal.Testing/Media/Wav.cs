using System.Runtime.InteropServices;

namespace MultiModal.Testing.Media;

/// <summary>WAV files of 16-bit samples.</summary>
public static class Wav
{
    private const int BytesPerSample = 2;

    /// <summary>A 440 Hz tone in mono.</summary>
    /// <param name="seconds">How long it lasts.</param>
    /// <param name="rate">Samples a second.</param>
    public static byte[] Tone(double seconds, int rate = 16_000) =>
        Of([.. Enumerable.Range(0, (int)(seconds * rate)).Select(i => (short)(8000 * Math.Sin(2 * Math.PI * 440 * i / rate)))], rate);

    /// <summary>Digital silence in mono.</summary>
    /// <param name="seconds">How long it lasts.</param>
    public static byte[] Silence(double seconds) => Of(new short[(int)(seconds * 16_000)]);

    /// <param name="samples">Mono.</param>
    /// <param name="rate">Samples a second.</param>
    public static byte[] Of(ReadOnlySpan<short> samples, int rate = 16_000) =>
        [.. Header(samples.Length * BytesPerSample, rate), .. MemoryMarshal.AsBytes(samples)];

    /// <summary>The 44 bytes before the samples.</summary>
    /// <param name="bytes">How many bytes of samples follow; less than 4 GiB.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="channels">1 or 2.</param>
    public static byte[] Header(long bytes, int rate = 16_000, short channels = 1)
    {
        using var header = new MemoryStream();
        using var writer = new BinaryWriter(header);
        writer.Write("RIFF"u8);
        writer.Write(checked((uint)(bytes + 36)));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write(channels);
        writer.Write(rate);
        writer.Write(rate * channels * BytesPerSample);
        writer.Write((short)(channels * BytesPerSample));
        writer.Write((short)(8 * BytesPerSample));
        writer.Write("data"u8);
        writer.Write((uint)bytes);
        return header.ToArray();
    }
}
