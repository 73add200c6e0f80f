using System.Buffers.Binary;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// A recording decoded to <see cref="PcmFormat"/>: samples go to a temporary file (32 KB a second), and memory holds only
/// one level for each 10 ms (0.4 KB a second), which is all that cutting needs.
/// </summary>
internal sealed class PcmRecording : IAsyncDisposable
{
    private readonly FileStream file;
    private readonly LevelMeter meter = new();
    private byte? oddByte;

    public PcmRecording(string path) => file = new FileStream(path, new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        BufferSize = 0,
    });

    public long SampleCount => meter.SampleCount;

    public double Seconds => (double)SampleCount / PcmFormat.SampleRate;

    /// <summary>Level of each frame in dBFS, including a last frame that is incomplete.</summary>
    public IReadOnlyList<float> Levels => meter.Levels;

    /// <summary>Reads 16-bit samples to the end of the stream.</summary>
    /// <returns>False if the recording is longer than <paramref name="maxSeconds"/>.</returns>
    public async Task<bool> ReadFromAsync(Stream pcm, double maxSeconds, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        int read;
        while ((read = await pcm.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await AppendAsync(buffer.AsMemory(0, read), cancellationToken);
            if (Seconds > maxSeconds) return false;
        }

        return true;
    }

    /// <summary>Appends 16-bit samples; a half sample at the end is kept until its other half arrives.</summary>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> pcm, CancellationToken cancellationToken)
    {
        await file.WriteAsync(pcm, cancellationToken);
        Measure(pcm.Span);
    }

    /// <summary>Finishes the recording. It must be called once, after the last sample.</summary>
    public void Complete() => meter.Complete();

    /// <summary>Reads 16-bit samples from <paramref name="fromSample"/> on, until <paramref name="pcm"/> is full.</summary>
    public async ValueTask ReadAsync(long fromSample, Memory<byte> pcm, CancellationToken cancellationToken)
    {
        var position = fromSample * PcmFormat.BytesPerSample;
        while (pcm.Length > 0)
        {
            var read = await RandomAccess.ReadAsync(file.SafeFileHandle, pcm, position, cancellationToken);
            if (read == 0) throw new EndOfStreamException("The decoded recording is shorter than it was.");
            pcm = pcm[read..];
            position += read;
        }
    }

    /// <summary>Copies samples from <paramref name="fromSample"/> up to <paramref name="toSample"/>, which is not included.</summary>
    public async Task CopyAsync(long fromSample, long toSample, Stream destination, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        var position = fromSample * PcmFormat.BytesPerSample;
        var end = toSample * PcmFormat.BytesPerSample;
        while (position < end)
        {
            var part = buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - position));
            await ReadAsync(position / PcmFormat.BytesPerSample, part, cancellationToken);
            await destination.WriteAsync(part, cancellationToken);
            position += part.Length;
        }
    }

    public ValueTask DisposeAsync() => file.DisposeAsync();

    private void Measure(ReadOnlySpan<byte> pcm)
    {
        if (oddByte is { } low && pcm.Length > 0)
        {
            meter.Add((short)(low | (pcm[0] << 8)) / LevelMeter.FullScale);
            pcm = pcm[1..];
            oddByte = null;
        }

        while (pcm.Length >= 2)
        {
            meter.Add(BinaryPrimitives.ReadInt16LittleEndian(pcm) / LevelMeter.FullScale);
            pcm = pcm[2..];
        }

        if (pcm.Length == 1) oddByte = pcm[0];
    }
}

/// <summary>The format that every recording is decoded to, because every speech model works on it: 16 kHz, mono, 16-bit little-endian.</summary>
internal static class PcmFormat
{
    public const int SampleRate = 16_000;
    public const int BytesPerSample = 2;
    public const int BytesPerSecond = SampleRate * BytesPerSample;
}

/// <summary>A range of 10 ms frames from <paramref name="Start"/> up to <paramref name="End"/>, which is not included.</summary>
internal readonly record struct FrameRange(int Start, int End)
{
    public const int FramesPerSecond = PcmFormat.SampleRate / LevelMeter.FrameSamples;

    public int Length => End - Start;

    public static int FramesOf(double seconds) => (int)Math.Round(seconds * FramesPerSecond);
}
