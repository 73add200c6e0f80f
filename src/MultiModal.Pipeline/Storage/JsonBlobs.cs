using System.Net;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace MultiModal.Pipeline.Storage;

/// <summary>Small JSON documents in blobs, guarded by ETags.</summary>
public static class JsonBlobs
{
    /// <summary>Metadata of a conditional write: an id unique to that write.</summary>
    private const string WriteMetadata = "write";

    private const int MaxUnfoundedRefusals = 5;

    /// <returns>The document and its version; null if there is no such blob.</returns>
    public static async Task<JsonBlob<T>?> ReadJsonAsync<T>(this BlobContainerClient container, string name, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(container);
        try
        {
            var download = await container.GetBlobClient(name).DownloadContentAsync(cancellationToken);
            var value = JsonSerializer.Deserialize<T>(download.Value.Content.ToMemory().Span, PipelineJson.Options);
            return value is null ? null : new JsonBlob<T>(value, download.Value.Details.ETag, download.Value.Details.Metadata);
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Writes the document, whether or not the blob exists.</summary>
    public static Task WriteJsonAsync<T>(
        this BlobContainerClient container, string name, T value, IDictionary<string, string>? metadata, CancellationToken cancellationToken)
            where T : class =>
        UploadAsync(container, name, value, metadata, conditions: null, cancellationToken);

    /// <returns>False if there was another write since, in which case nothing was written. <paramref name="etag"/> null means "if
    /// absent".</returns>
    public static Task<bool> TryWriteJsonAsync<T>(
        this BlobContainerClient container, string name, T value, ETag? etag, CancellationToken cancellationToken) where T : class =>
        TryWriteJsonAsync(container, name, value, etag, metadata: null, cancellationToken);

    /// <summary>
    /// Writes the document if its version is unchanged. Each write has a mark of its own: if the answer to a successful write is lost,
    /// its next try is refused because of the write itself. The mark on the blob then tells which write it came from.
    /// </summary>
    /// <returns>False if there was another write since, in which case nothing was written. <paramref name="etag"/> null means "if
    /// absent".</returns>
    public static async Task<bool> TryWriteJsonAsync<T>(
        this BlobContainerClient container, string name, T value, ETag? etag, IDictionary<string, string>? metadata,
        CancellationToken cancellationToken) where T : class =>
        await TryReplaceJsonAsync(container, name, value, etag, metadata, cancellationToken) is not null;

    /// <summary>As <see cref="TryWriteJsonAsync{T}(BlobContainerClient, string, T, ETag?, IDictionary{string, string}?,
    /// CancellationToken)"/>.</summary>
    /// <returns>The new version; null if there was another write since.</returns>
    public static async Task<ETag?> TryReplaceJsonAsync<T>(
        this BlobContainerClient container, string name, T value, ETag? etag, IDictionary<string, string>? metadata,
        CancellationToken cancellationToken) where T : class
    {
        ArgumentNullException.ThrowIfNull(container);
        var write = UniqueId.New().ToString("N");
        var marked = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>()) { [WriteMetadata] = write };
        var conditions = etag is { } known ? new BlobRequestConditions { IfMatch = known } : new BlobRequestConditions { IfNoneMatch = ETag.All };
        for (var refusals = 1; ; refusals++)
        {
            try
            {
                return await UploadAsync(container, name, value, marked, conditions, cancellationToken);
            }
            catch (RequestFailedException e) when (e.IsConditionNotMet())
            {
                var there = await FindPropertiesAsync(container, name, cancellationToken);
                if (there is not null && there.Metadata.TryGetValue(WriteMetadata, out var writer) && writer == write) return there.ETag;

                // A refusal that the blob's version does not justify is a fault of storage, or of something between, so the request is
                // sent once more.
                if (refusals > MaxUnfoundedRefusals || there?.ETag != etag) return null;
            }
        }
    }

    private static async Task<BlobProperties?> FindPropertiesAsync(BlobContainerClient container, string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await container.GetBlobClient(name).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return null;
        }
    }

    private static async Task<ETag> UploadAsync<T>(
        BlobContainerClient container, string name, T value, IDictionary<string, string>? metadata, BlobRequestConditions? conditions,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(container);
        var content = new BinaryData(JsonSerializer.SerializeToUtf8Bytes(value, PipelineJson.Options));
        var written = await container.GetBlobClient(name).UploadAsync(
            content,
            new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" }, Metadata = metadata,
                Conditions = conditions },
            cancellationToken);
        return written.Value.ETag;
    }
}

/// <summary>A document with the version that was read.</summary>
/// <param name="Value">The document.</param>
/// <param name="ETag">Its version.</param>
/// <param name="Metadata">Metadata of its blob; null for a document that was just written.</param>
public sealed record JsonBlob<T>(T Value, ETag ETag, IDictionary<string, string>? Metadata = null) where T : class;
