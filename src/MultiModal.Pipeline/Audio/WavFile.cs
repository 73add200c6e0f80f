using System.Buffers.Binary;

namespace MultiModal.Pipeline.Audio;

/// <summary>Writes a recording's samples as WAV: 16 kHz, mono, 16-bit, with the plain 44-byte header that every program reads.</summary>
internal static class WavFile
{
    public const int HeaderBytes = 44;

    /// <param name="path">Path of a new file.</param>
    /// <param name="recording">Recording that holds the samples.</param>
    /// <param name="ranges">Ranges of samples in order, each without its end.</param>
    /// <param name="cancellationToken">Token that ends waiting.</param>
    public static async Task WriteAsync(
        string path, PcmRecording recording, IReadOnlyList<(long From, long To)> ranges, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        var dataBytes = checked((uint)(ranges.Sum(r => r.To - r.From) * PcmFormat.BytesPerSample));
        await file.WriteAsync(Header(dataBytes), cancellationToken);
        foreach (var (from, to) in ranges) await recording.CopyAsync(from, to, file, cancellationToken);
    }

    /// <summary>A whole file in memory.</summary>
    /// <param name="pcm">Samples.</param>
    public static byte[] Of(ReadOnlySpan<byte> pcm) => [.. Header(checked((uint)pcm.Length)), .. pcm];

    private static byte[] Header(uint dataBytes)
    {
        var header = new byte[HeaderBytes];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), HeaderBytes - 8 + dataBytes);
        "WAVEfmt "u8.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), 16);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(22), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(24), PcmFormat.SampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(28), PcmFormat.BytesPerSecond);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(32), PcmFormat.BytesPerSample);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(34), 16);
        "data"u8.CopyTo(header.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), dataBytes);
        return header;
    }
}
