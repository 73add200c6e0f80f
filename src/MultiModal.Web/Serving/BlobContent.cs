using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace MultiModal.Web.Serving;

/// <summary>
/// One version of a blob as a stream that can be sought. It is read in pieces, and storage waits for no caller: a piece is in memory before any of it
/// is sent, so that a thousand slow callers hold no connection to storage.
/// </summary>
internal sealed class BlobContent : Stream
{
    private readonly BlobClient blob;
    private readonly PieceReader pieces;
    private Piece piece;
    private bool isReading;
    private bool isDisposed;

    /// <param name="blob">The blob.</param>
    /// <param name="version">What is known of the version that is read.</param>
    /// <param name="type">The type by its content.</param>
    /// <param name="pieces">Reads the pieces.</param>
    /// <param name="first">A piece that was read already; the stream returns its buffer to the shared pool.</param>
    public BlobContent(BlobClient blob, BlobVersion version, ServedType type, PieceReader pieces, Piece first)
    {
        (this.blob, Version, Type, this.pieces, piece) = (blob, version, type, pieces, first);
    }

    public BlobVersion Version { get; }

    public ServedType Type { get; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => Version.Length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.Length == 0) return 0;
        if (Position < piece.Start || Position >= piece.Start + piece.Length) await ReadPieceAsync(cancellationToken);
        var at = (int)(Position - piece.Start);
        var count = Math.Min(buffer.Length, piece.Length - at);
        piece.Buffer.AsMemory(at, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Blobs are read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isDisposed)
        {
            isDisposed = true;
            piece.Return();
            piece = Piece.Empty;
            if (isReading) pieces.End();
        }

        base.Dispose(disposing);
    }

    private async Task ReadPieceAsync(CancellationToken cancellationToken)
    {
        if (!isReading)
        {
            isReading = true;
            pieces.Begin();
        }

        var conditions = new BlobRequestConditions { IfMatch = Version.ETag };
        var (next, _) = await pieces.ReadAsync(blob, Position, pieces.Size, conditions, cancellationToken);
        if (next.Length == 0) throw new EndOfStreamException("A blob ended before its length.");
        piece.Return();
        piece = next;
    }
}

/// <summary>A version of a blob.</summary>
/// <param name="ETag">Its ETag.</param>
/// <param name="Length">Length in bytes.</param>
/// <param name="LastModified">When it was written.</param>
/// <param name="IsFolder">Whether it stands for a folder, as in an account with a hierarchical namespace.</param>
internal sealed record BlobVersion(ETag ETag, long Length, DateTimeOffset LastModified, bool IsFolder)
{
    /// <summary>Whether metadata mark a blob that stands for a folder (Data Lake Storage; tools set the same mark elsewhere).</summary>
    public static bool IsMarker(IDictionary<string, string> metadata) =>
        metadata.TryGetValue("hdi_isfolder", out var value) && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
}
