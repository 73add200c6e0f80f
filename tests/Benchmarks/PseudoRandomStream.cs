namespace MultiModal.Benchmarks;

/// <summary>A long stream that takes no memory: a head, then bursts of noise between silences, the same each time.</summary>
internal sealed class PseudoRandomStream(byte[] head, long length) : Stream
{
    private ulong state = 88172645463325252;
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, length - position);
        for (var i = 0; i < count; i++, position++)
        {
            // xorshift64 (Marsaglia, 2003).
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            var burst = (position & (1 << 20)) == 0;
            buffer[i] = position < head.Length ? head[position] : burst ? (byte)state : (byte)0;
        }

        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
