using System.Net;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace MultiModal.Pipeline.Storage;

/// <summary>Small JSON documents in blobs, guarded by ETags.</summary>
public static class JsonBlobs
{
    /// <returns>Null where there is no such blob.</returns>
    public static async Task<JsonBlob<T>?> ReadJsonAsync<T>(this BlobContainerClient container, string name, CancellationToken cancellationToken) where T : class
    {
        ArgumentNullException.ThrowIfNull(container);
        try
        {
            var download = await container.GetBlobClient(name).DownloadContentAsync(cancellationToken);
            var value = JsonSerializer.Deserialize<T>(download.Value.Content.ToMemory().Span, PipelineJson.Options);
            return value is null ? null : new JsonBlob<T>(value, download.Value.Details.ETag);
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Writes whatever is there.</summary>
    public static Task WriteJsonAsync<T>(this BlobContainerClient container, string name, T value, IDictionary<string, string>? metadata, CancellationToken cancellationToken) where T : class =>
        UploadAsync(container, name, value, metadata, conditions: null, cancellationToken);

    /// <returns>False where somebody else wrote since: nothing was written. <paramref name="etag"/> null means "if absent".</returns>
    public static Task<bool> TryWriteJsonAsync<T>(this BlobContainerClient container, string name, T value, ETag? etag, CancellationToken cancellationToken) where T : class =>
        TryWriteJsonAsync(container, name, value, etag, metadata: null, cancellationToken);

    /// <returns>False where somebody else wrote since: nothing was written. <paramref name="etag"/> null means "if absent".</returns>
    public static async Task<bool> TryWriteJsonAsync<T>(this BlobContainerClient container, string name, T value, ETag? etag, IDictionary<string, string>? metadata, CancellationToken cancellationToken) where T : class
    {
        try
        {
            var conditions = etag is { } known ? new BlobRequestConditions { IfMatch = known } : new BlobRequestConditions { IfNoneMatch = ETag.All };
            await UploadAsync(container, name, value, metadata, conditions, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet())
        {
            return false;
        }
    }

    private static async Task UploadAsync<T>(BlobContainerClient container, string name, T value, IDictionary<string, string>? metadata, BlobRequestConditions? conditions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(container);
        var content = new BinaryData(JsonSerializer.SerializeToUtf8Bytes(value, PipelineJson.Options));
        await container.GetBlobClient(name).UploadAsync(
            content,
            new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" }, Metadata = metadata, Conditions = conditions },
            cancellationToken);
    }
}
