using MultiModal.Pipeline;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Uploads;

/// <summary>
/// The body of an upload, counted while it is read. Reading fails if the body is longer than allowed or differs from the announced
/// length, so that the reader never commits it.
/// </summary>
internal sealed class MeasuredStream(Stream body, long? announced, long maxBytes) : Stream
{
    /// <summary>Number of bytes read.</summary>
    public long Count { get; private set; }

    /// <summary>The problem with the body; null as long as there is none.</summary>
    public Failure? Failure { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static Failure TooLarge(long maxBytes) =>
        new(ProblemCodes.UploadTooLarge,
            $"A file may have {maxBytes} bytes at most here (Web:MaxUploadBytes); larger ones go to storage by upload URL.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        Count += read;
        if (Count > maxBytes) throw Refused(TooLarge(maxBytes));
        if (Count > announced || read == 0 && buffer.Length > 0 && Count < announced)
        {
            throw Refused(new Failure(ProblemCodes.UploadLengthMismatch, $"{announced} bytes were announced (Content-Length), but {Count} arrived."));
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Request bodies are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private IOException Refused(Failure failure)
    {
        Failure = failure;
        return new IOException(failure.Message);
    }
}
