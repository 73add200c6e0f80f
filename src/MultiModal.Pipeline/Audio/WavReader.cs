using System.Buffers.Binary;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// Reads WAV without ffmpeg: PCM of 8, 16, 24 and 32 bits and float of 32 and 64, plain or extensible, any number of
/// channels (averaged to one), RIFF and RF64. It streams, and holds one block of samples.
/// (Microsoft, "Multiple channel audio data and WAVE files"; EBU Tech 3306 for RF64.)
/// </summary>
internal sealed class WavReader
{
    private const int Pcm = 1;
    private const int Float = 3;
    private const int Extensible = 0xFFFE;

    private readonly Stream stream;
    private readonly int channels;
    private readonly int bytesPerSample;
    private readonly bool isFloat;
    private readonly byte[] block;
    private long remaining;
    private int held;

    private WavReader(Stream stream, int sampleRate, int channels, int bytesPerSample, bool isFloat, long dataBytes)
    {
        (this.stream, SampleRate, this.channels, this.bytesPerSample, this.isFloat) = (stream, sampleRate, channels, bytesPerSample, isFloat);
        remaining = dataBytes;
        var frame = channels * bytesPerSample;
        block = new byte[Math.Max(1, (64 << 10) / frame) * frame];
    }

    public int SampleRate { get; }

    public int Channels => channels;

    /// <summary>How the channels become one.</summary>
    public Downmix Downmix { get; init; }

    /// <summary>Number of bytes of samples that follow, by the header; null if it does not say.</summary>
    public long? DataBytes => remaining == long.MaxValue ? null : remaining;

    public int BytesPerSecond => SampleRate * channels * bytesPerSample;

    /// <summary>Whether the samples are in the format that every recording is decoded to.</summary>
    public bool IsDecoded => !isFloat && SampleRate == PcmFormat.SampleRate && channels == 1 && bytesPerSample == PcmFormat.BytesPerSample;

    /// <summary>True if the file is shorter than its header says.</summary>
    public bool EndedEarly { get; private set; }

    /// <summary>Whether a file begins as a WAV file does, whatever its name.</summary>
    public static bool IsWav(ReadOnlySpan<byte> start) =>
        start.Length >= 12 && (start.StartsWith("RIFF"u8) || start.StartsWith("RF64"u8)) && start[8..12].SequenceEqual("WAVE"u8);

    /// <returns>The reader, <c>corrupt-audio</c>, or <c>ffmpeg-missing</c> for a compressed or unknown coding.</returns>
    public static async Task<Outcome<WavReader>> OpenAsync(Stream stream, CancellationToken cancellationToken, Downmix downmix = Downmix.Sum)
    {
        var header = new byte[12];
        if (await stream.ReadAtLeastAsync(header, 12, false, cancellationToken) < 12 || !IsWav(header)) return AudioFailures.Corrupt();
        long? dataBytes64 = null;
        byte[]? format = null;
        var chunk = new byte[8];
        while (await stream.ReadAtLeastAsync(chunk, 8, false, cancellationToken) == 8)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk.AsSpan(4));
            var name = chunk.AsMemory(0, 4);
            if (name.Span.SequenceEqual("data"u8))
            {
                // The length is never filled in when the file is written to a pipe; the data then extend to the end of the file.
                var dataBytes = length is uint.MaxValue ? dataBytes64 ?? long.MaxValue : length is 0 ? long.MaxValue : length;
                return format is null ? AudioFailures.Corrupt() : Open(stream, format, dataBytes, downmix);
            }

            if (name.Span.SequenceEqual("fmt "u8) || name.Span.SequenceEqual("ds64"u8))
            {
                if (length is < 16 or > 4096) return AudioFailures.Corrupt();
                var body = new byte[length + (length & 1)];
                if (await stream.ReadAtLeastAsync(body, (int)length, false, cancellationToken) < length) return AudioFailures.Corrupt();
                if (name.Span[0] == (byte)'f') format = body;
                else dataBytes64 = BinaryPrimitives.ReadInt64LittleEndian(body.AsSpan(8));
            }
            else
            {
                await SkipAsync(stream, length + (length & 1), cancellationToken);
            }
        }

        return AudioFailures.Corrupt();
    }

    /// <summary>Reads some samples, of all channels in one, with a full scale of ±1.</summary>
    /// <returns>Number of samples; 0 at the end.</returns>
    public async ValueTask<int> ReadAsync(Memory<float> samples, CancellationToken cancellationToken)
    {
        var frame = channels * bytesPerSample;
        var wanted = (int)Math.Min(Math.Min(block.Length, (long)samples.Length * frame), remaining);
        if (wanted == 0) return 0;
        var read = await stream.ReadAtLeastAsync(block.AsMemory(0, wanted), wanted, false, cancellationToken);
        if (read < wanted && remaining != long.MaxValue) EndedEarly = true;
        remaining = read < wanted ? 0 : remaining == long.MaxValue ? remaining : remaining - read;
        held = read / frame;
        Mix(samples.Span[..held]);
        return held;
    }

    private static Outcome<WavReader> Open(Stream stream, byte[] format, long dataBytes, Downmix downmix)
    {
        int coding = BinaryPrimitives.ReadUInt16LittleEndian(format);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(format.AsSpan(2));
        var sampleRate = BinaryPrimitives.ReadUInt32LittleEndian(format.AsSpan(4));
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(format.AsSpan(14));
        // The first two bytes of an extensible format's GUID are its actual coding.
        if (coding == Extensible && format.Length >= 40) coding = BinaryPrimitives.ReadUInt16LittleEndian(format.AsSpan(24));
        if (channels is < 1 or > 64 || sampleRate is < 1000 or > 768_000) return AudioFailures.Corrupt();
        return (coding, bits) switch
        {
            (Pcm, 8 or 16 or 24 or 32) => new WavReader(stream, (int)sampleRate, channels, bits / 8, false, dataBytes) { Downmix = downmix },
            (Float, 32 or 64) => new WavReader(stream, (int)sampleRate, channels, bits / 8, true, dataBytes) { Downmix = downmix },
            _ => new Failure(
                FailureCodes.FfmpegMissing, "This WAV file is compressed. Install ffmpeg (for example: apt-get install ffmpeg) to read it."),
        };
    }

    private static async Task SkipAsync(Stream stream, long bytes, CancellationToken cancellationToken)
    {
        if (stream.CanSeek)
        {
            stream.Seek(bytes, SeekOrigin.Current);
            return;
        }

        var buffer = new byte[8 << 10];
        while (bytes > 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes)), cancellationToken);
            if (read == 0) return;
            bytes -= read;
        }
    }

    private void Mix(Span<float> samples)
    {
        ReadOnlySpan<byte> bytes = block;
        var share = 1f / channels;
        for (var i = 0; i < samples.Length; i++)
        {
            float sum = 0;
            for (var channel = 0; channel < channels; channel++)
            {
                sum += Downmix == Downmix.Difference && channel == 1 ? -Sample(bytes) : Sample(bytes);
                bytes = bytes[bytesPerSample..];
            }

            samples[i] = sum * share;
        }
    }

    private float Sample(ReadOnlySpan<byte> bytes) => (bytesPerSample, isFloat) switch
    {
        (1, _) => (bytes[0] - 128) / 128f,
        (2, _) => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768f,
        (3, _) => ((bytes[0] << 8) | (bytes[1] << 16) | (bytes[2] << 24)) / 2147483648f,
        (4, false) => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648f,
        (4, true) => Finite(BinaryPrimitives.ReadSingleLittleEndian(bytes)),
        _ => Finite((float)BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
    };

    private static float Finite(float sample) => float.IsFinite(sample) ? sample : 0;
}
