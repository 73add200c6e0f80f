using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Storage;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Serving;

/// <summary>
/// Answers requests for the bytes of a blob: with ranges, ETags and conditions (RFC 9110), in one request to storage where nothing special is asked.
/// All bytes of an answer are of one version.
/// </summary>
public sealed class BlobReader : IDisposable
{
    /// <summary>How often a blob is looked at anew that is replaced while it is looked at.</summary>
    private const int MaxTries = 3;

    /// <summary>Versions of blobs whose type is remembered: whoever seeks in a file asks for many parts of it.</summary>
    private const int KnownTypes = 10_000;

    private static Failure NotFound { get; } = new(ProblemCodes.FileNotFound, "There is no such file.");

    private static Failure Changed { get; } = new(ProblemCodes.FileChanged, "The file was replaced. Ask for it anew.");

    private readonly PieceReader pieces = new();
    private readonly RecentlyUsed<(Uri Blob, ETag Version), ServedType> types = new(KnownTypes, _ => 1);

    /// <param name="request">The request, a GET or HEAD.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="version">The only version that may be read; null for the one that is there.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>The content, or <c>file-not-found</c>, or <c>file-changed</c>.</returns>
    internal async Task<Outcome<BlobContent>> FindAsync(
        HttpRequest request, BlobClient blob, string name, ETag? version, CancellationToken cancellationToken)
    {
        // Units other than bytes are unknown, and what is unknown counts as not there (RFC 9110, 14.2).
        if (request.GetTypedHeaders().Range is { } range && !range.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase))
        {
            request.Headers.Range = default;
        }

        for (var tries = 1; ; tries++)
        {
            try
            {
                return await OpenAsync(request, blob, name, version, cancellationToken) is { } content ? content : NotFound;
            }
            catch (RequestFailedException e) when (e.IsNotFound())
            {
                return NotFound;
            }
            catch (RequestFailedException e) when (e.IsConditionNotMet())
            {
                // Of a blob that is gone, services say either that it is not found or that it does not match.
                if (version is not null) return await blob.ExistsAsync(cancellationToken) ? Changed : NotFound;
                if (tries == MaxTries) return Changed;
            }
        }
    }

    public void Dispose() => pieces.Dispose();

    /// <summary>Answers with the content, or the part of it that is asked for. What a browser might run is to be saved under its name.</summary>
    internal static IResult Answer(BlobContent content, string name, string caching = "private, no-cache")
    {
        var answer = TypedResults.Stream(
                content,
                content.Type.MediaType,
                lastModified: content.Version.LastModified,
                entityTag: EntityTagHeaderValue.Parse(content.Version.ETag.ToString("H")),
                enableRangeProcessing: true)
            .AsContent()
            .With("Cache-Control", caching);
        if (content.Type.IsPassive) return answer;
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name[(name.LastIndexOf('/') + 1)..]);
        return answer.With("Content-Disposition", disposition.ToString());
    }

    private async Task<BlobContent?> OpenAsync(
        HttpRequest request, BlobClient blob, string name, ETag? only, CancellationToken cancellationToken)
    {
        var conditions = new BlobRequestConditions { IfMatch = only };
        var (piece, version) = await LookAsync(request, blob, conditions, cancellationToken);
        if (version.IsFolder)
        {
            piece.Return();
            return null;
        }

        var type = await TypeOfAsync(blob, name, version, piece, cancellationToken);
        return new BlobContent(blob, version, type, pieces, piece);
    }

    /// <summary>Reads the piece that the answer will begin with, if that can be foreseen, and learns from it what the blob is.</summary>
    private async Task<(Piece Piece, BlobVersion Version)> LookAsync(
        HttpRequest request, BlobClient blob, BlobRequestConditions conditions, CancellationToken cancellationToken)
    {
        if (ForeseenRange(request) is var (start, bytes))
        {
            try
            {
                return await pieces.ReadAsync(blob, start, bytes, conditions, cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status == StatusCodes.Status416RangeNotSatisfiable)
            {
                // The blob is empty, or ends before the range.
            }
        }

        BlobProperties properties = await blob.GetPropertiesAsync(conditions, cancellationToken);
        return (Piece.Empty, new BlobVersion(
            properties.ETag, properties.ContentLength, properties.LastModified, BlobVersion.IsMarker(properties.Metadata)));
    }

    /// <summary>The range of the first piece; null where nothing may have to be read, or the length has to be known first.</summary>
    private static (long Start, int Bytes)? ForeseenRange(HttpRequest request)
    {
        var headers = request.GetTypedHeaders();
        if (!HttpMethods.IsGet(request.Method) || headers.IfNoneMatch.Count > 0 || headers.IfModifiedSince is not null) return null;
        if (headers.Range is null) return (0, PieceReader.FirstSize);
        if (headers.Range.Ranges.Count != 1 || headers.Range.Ranges.Single() is not { From: { } from } range) return null;
        var asked = range.To is { } to && to >= from ? Math.Min(to - from + 1, PieceReader.FirstSize) : PieceReader.FirstSize;
        return (from, (int)(from == 0 ? Math.Max(asked, ContentSniffer.HeadLength) : asked));
    }

    private async Task<ServedType> TypeOfAsync(
        BlobClient blob, string name, BlobVersion version, Piece piece, CancellationToken cancellationToken)
    {
        var key = (blob.Uri, version.ETag);
        if (types.TryGet(key, out var known)) return known;
        var headLength = (int)Math.Min(version.Length, ContentSniffer.HeadLength);
        ServedType type;
        if (headLength == 0 || (piece.Start == 0 && piece.Length >= headLength))
        {
            type = ServedType.Of(piece.Bytes[..headLength], name, version.Length);
        }
        else
        {
            var (head, _) = await pieces.ReadAsync(
                blob, 0, headLength, new BlobRequestConditions { IfMatch = version.ETag }, cancellationToken);
            type = ServedType.Of(head.Bytes, name, version.Length);
            head.Return();
        }

        types.Set(key, type);
        return type;
    }
}
