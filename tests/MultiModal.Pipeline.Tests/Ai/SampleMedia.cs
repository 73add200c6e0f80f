using System.Buffers.Binary;
using System.Text;
using MultiModal.Pipeline.Ai;
using NetVips;

namespace MultiModal.Pipeline.Tests.Ai;

internal static class SampleMedia
{
    /// <summary>A JPEG of one grey.</summary>
    public static VisionRequest Image(int width = 96, int height = 64, int grey = 90)
    {
        using var black = NetVips.Image.Black(width, height);
        using var image = (black + grey).Cast(Enums.BandFormat.Uchar);
        return new VisionRequest(image.JpegsaveBuffer(), "image/jpeg", width, height);
    }

    /// <summary>A tone as 16 kHz mono 16-bit WAV.</summary>
    public static SpeechRequest Recording(TemporaryFolder folder, double seconds = 3)
    {
        var samples = (int)(seconds * 16_000);
        var wav = new byte[44 + (samples * 2)];
        Encoding.ASCII.GetBytes("RIFF").CopyTo(wav, 0);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(4), wav.Length - 8);
        Encoding.ASCII.GetBytes("WAVEfmt ").CopyTo(wav, 8);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(24), 16_000);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(28), 32_000);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(34), 16);
        Encoding.ASCII.GetBytes("data").CopyTo(wav, 36);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(40), samples * 2);
        for (var i = 0; i < samples; i++) BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(44 + (i * 2)), (short)(8_000 * Math.Sin(i * 0.17)));
        var path = Path.Combine(folder.Path, "söme, näme.wav");
        File.WriteAllBytes(path, wav);
        return new SpeechRequest(path, "audio/wav", seconds);
    }
}
