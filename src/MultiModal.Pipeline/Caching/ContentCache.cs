using Azure;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Caching;

/// <summary>
/// Answers by content, in the container <c>cache</c>. Entries are written once and never change; files that belong to an
/// entry (an optimised image, the chunks of a recording) are stored under its name and written before it.
/// </summary>
public sealed class ContentCache(MediaAccount account)
{
    public async Task<CachedAnswer<T>?> FindAsync<T>(CacheKey key, CancellationToken cancellationToken) where T : notnull =>
        (await account.Cache.ReadJsonAsync<CachedAnswer<T>>(key.Name, cancellationToken))?.Value;

    /// <summary>Stores the answer, unless there is one already: then this one is dropped.</summary>
    public Task StoreAsync<T>(CacheKey key, CachedAnswer<T> answer, CancellationToken cancellationToken) where T : notnull =>
        account.Cache.TryWriteJsonAsync(key.Name, answer, etag: null, cancellationToken);

    /// <summary>Deletes an entry whose files are missing (a lifecycle rule may delete them first).</summary>
    public Task ForgetAsync(string entryName, CancellationToken cancellationToken) =>
        account.Cache.DeleteBlobIfExistsAsync(entryName, cancellationToken: cancellationToken);

    public static string FileName(CacheKey key, string file) => $"{key.Name}/{file}";

    public Task StoreFileAsync(string name, Stream content, string mediaType, CancellationToken cancellationToken) =>
        account.Cache.GetBlobClient(name).UploadAsync(
            content,
            new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = mediaType } },
            cancellationToken);

    public async Task<bool> HasFileAsync(string name, CancellationToken cancellationToken) =>
        await account.Cache.GetBlobClient(name).ExistsAsync(cancellationToken);

    /// <returns>The file; null where it is missing.</returns>
    public async Task<BinaryData?> FindFileAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await account.Cache.GetBlobClient(name).DownloadContentAsync(cancellationToken)).Value.Content;
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return null;
        }
    }

    /// <returns>False where the file is missing.</returns>
    public async Task<bool> FetchFileAsync(string name, string path, CancellationToken cancellationToken)
    {
        try
        {
            await account.Cache.GetBlobClient(name).DownloadToAsync(path, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return false;
        }
    }
}
