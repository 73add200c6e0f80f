using System.Buffers;
using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Content;

namespace MultiModal.Web.Serving;

/// <summary>
/// Reads pieces of blobs, a bounded number at a time: the connections to storage are those of the pipeline too, which needs them for its leases.
/// Memory is bounded by the size of a piece for each answer under way.
/// </summary>
internal sealed class PieceReader : IDisposable
{
    /// <summary>Pieces that are read at a time. The client library keeps 50 connections.</summary>
    private const int MaxParallel = 24;

    /// <summary>Bytes of a piece while few answers are under way.</summary>
    private const int LargePiece = 1 << 20;

    /// <summary>Bytes of a piece while many are: 128 MB for a thousand.</summary>
    private const int SmallPiece = 128 << 10;

    private const int Few = 16;

    private readonly SemaphoreSlim places = new(MaxParallel, MaxParallel);
    private int underWay;

    /// <summary>Bytes of the next piece of a long answer.</summary>
    public int Size => Volatile.Read(ref underWay) <= Few ? LargePiece : SmallPiece;

    /// <summary>Bytes of the first piece, which says what the blob is.</summary>
    public static int FirstSize => Math.Max(SmallPiece, ContentSniffer.HeadLength);

    public void Begin() => Interlocked.Increment(ref underWay);

    public void End() => Interlocked.Decrement(ref underWay);

    /// <summary>Reads a piece into a buffer of the shared pool.</summary>
    /// <exception cref="RequestFailedException">
    /// There is no such blob (404), it does not meet the conditions (412), or it has no byte at the start (416).
    /// </exception>
    public async Task<(Piece Piece, BlobVersion Version)> ReadAsync(
        BlobClient blob, long start, int bytes, BlobRequestConditions conditions, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            // A buffer of a read that was cancelled is not returned: something may still write to it.
            var buffer = ArrayPool<byte>.Shared.Rent(bytes);
            var options = new BlobDownloadOptions { Range = new HttpRange(start, bytes), Conditions = conditions };
            using BlobDownloadStreamingResult answer = await blob.DownloadStreamingAsync(options, cancellationToken);
            var length = await answer.Content.ReadAtLeastAsync(
                buffer.AsMemory(0, bytes), bytes, throwOnEndOfStream: false, cancellationToken);
            var details = answer.Details;
            var version = new BlobVersion(details.ETag, WholeLength(details), details.LastModified, BlobVersion.IsMarker(details.Metadata));
            return (new Piece(buffer, start, length), version);
        }
        finally
        {
            places.Release();
        }
    }

    public void Dispose() => places.Dispose();

    /// <summary>The length of the blob, of which the answer has a part: <c>Content-Range: bytes 0-9/1000</c>.</summary>
    private static long WholeLength(BlobDownloadDetails details) => details.ContentRange is { } range
        ? long.Parse(range.AsSpan(range.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture)
        : details.ContentLength;
}

/// <summary>A piece of a blob in memory.</summary>
/// <param name="Buffer">A buffer of the shared pool, which may be longer.</param>
/// <param name="Start">Position of its first byte in the blob.</param>
/// <param name="Length">Number of bytes.</param>
internal readonly record struct Piece(byte[] Buffer, long Start, int Length)
{
    /// <summary>A piece without a byte, which has no buffer of the pool.</summary>
    public static Piece Empty { get; } = new([], 0, 0);

    /// <summary>Returns the buffer to the pool.</summary>
    public void Return()
    {
        if (Buffer.Length > 0) ArrayPool<byte>.Shared.Return(Buffer);
    }

    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, Length);
}
