using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Caching;

/// <summary>
/// Answers by content, in the container <c>cache</c>. Entries are written once and never change; files that belong to an
/// entry (an optimised image, the chunks of a recording) are stored under its name and written before it.
/// </summary>
/// <param name="account">The account with the cache.</param>
/// <param name="ownership">
/// Whether this process owns the account alone, so that nobody else deletes batches or notes users of an entry; null if it never does.
/// </param>
public sealed class ContentCache(MediaAccount account, SoleOwnership? ownership = null)
{
    /// <summary>Sum of the sizes of answers that are kept in memory, in bytes.</summary>
    private const int KeptAnswers = 8 << 20;

    /// <summary>Sum of the sizes of files that are kept in memory, in bytes.</summary>
    private const int KeptBytes = 24 << 20;

    /// <summary>Size of the largest file that is kept in memory, in bytes.</summary>
    private const int LargestKept = 2 << 20;

    /// <summary>Files that this process has stored lately: a step stores what the next one sends.</summary>
    private readonly RecentlyUsed<string, BinaryData> stored = new(KeptBytes, file => file.ToMemory().Length);

    /// <summary>Answers that this process has stored or read lately, each for a batch that is noted as a user of the entry.</summary>
    private readonly RecentlyUsed<(string Batch, string Entry), byte[]> known = new(KeptAnswers, answer => answer.Length);

    public async Task<CachedAnswer<T>?> FindAsync<T>(CacheKey key, CancellationToken cancellationToken) where T : notnull =>
        (await account.Cache.ReadJsonAsync<CachedAnswer<T>>(key.Name, cancellationToken))?.Value;

    /// <summary>Whether one of the keys has an answer.</summary>
    public async Task<bool> HasAnyAsync<T>(IReadOnlyList<CacheKey> keys, CancellationToken cancellationToken) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (var key in keys)
        {
            if (await FindAsync<T>(key, cancellationToken) is not null) return true;
        }

        return false;
    }

    /// <summary>Finds the answer for a batch, which is noted as one of the entry's users.</summary>
    public async Task<CachedAnswer<T>?> UseAsync<T>(CacheKey key, BatchName batch, CancellationToken cancellationToken) where T : notnull
    {
        if (known.TryGet((batch.Key, key.Name), out var kept) && await IsOwnerAsync(cancellationToken))
            return JsonSerializer.Deserialize<CachedAnswer<T>>(kept, PipelineJson.Options);
        if (await account.Cache.ReadJsonAsync<CachedAnswer<T>>(key.Name, cancellationToken) is not { } entry) return null;
        await NoteUseAsync(key, batch, entry.ETag, entry.Metadata!, cancellationToken);
        await KeepAsync(key, batch, entry.Value, cancellationToken);
        return entry.Value;
    }

    /// <summary>Stores the answer, unless there is one already: then this one is dropped, and the batch is noted as a user of the other.</summary>
    public async Task StoreAsync<T>(CacheKey key, BatchName batch, CachedAnswer<T> answer, CancellationToken cancellationToken) where T : notnull
    {
        if (!await account.Cache.TryWriteJsonAsync(key.Name, answer, etag: null, EntryUsers.First(batch), cancellationToken))
        {
            await UseAsync<T>(key, batch, cancellationToken);
            return;
        }

        await KeepAsync(key, batch, answer, cancellationToken);
    }

    /// <summary>
    /// Stores an answer again whose entry was forgotten (<see cref="ForgetAsync"/>), and whose users are not known any more, or one that belongs to
    /// another entry (<see cref="CacheKey.Under"/>), which has the users. None is named.
    /// </summary>
    public Task StoreAgainAsync<T>(CacheKey key, CachedAnswer<T> answer, CancellationToken cancellationToken) where T : notnull =>
        account.Cache.TryWriteJsonAsync(key.Name, answer, etag: null, cancellationToken);

    /// <summary>Deletes an entry whose files are missing (a lifecycle rule may delete them first).</summary>
    public async Task ForgetAsync(string entryName, CancellationToken cancellationToken)
    {
        known.Forget(use => use.Entry == entryName);
        await account.Cache.DeleteBlobIfExistsAsync(entryName, cancellationToken: cancellationToken);
    }

    /// <summary>Forgets what is kept in memory for a batch that is deleted.</summary>
    public void ForgetBatch(BatchName batch) => known.Forget(use => use.Batch == batch.Key);

    private async Task KeepAsync<T>(CacheKey key, BatchName batch, CachedAnswer<T> answer, CancellationToken cancellationToken) where T : notnull
    {
        if (!await IsOwnerAsync(cancellationToken)) return;
        known.Set((batch.Key, key.Name), JsonSerializer.SerializeToUtf8Bytes(answer, PipelineJson.Options));
    }

    private async Task<bool> IsOwnerAsync(CancellationToken cancellationToken) =>
        ownership is not null && await ownership.IsHeldAsync(cancellationToken);

    private async Task NoteUseAsync(
        CacheKey key, BatchName batch, ETag version, IDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var entry = account.Cache.GetBlobClient(key.Name);
        try
        {
            while (EntryUsers.With(metadata, batch) is { } users)
            {
                try
                {
                    await entry.SetMetadataAsync(users, new BlobRequestConditions { IfMatch = version }, cancellationToken);
                    return;
                }
                catch (RequestFailedException e) when (e.IsConditionNotMet())
                {
                    // Another batch was noted since, or this one by an earlier try whose answer was lost.
                    var now = (await entry.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
                    (version, metadata) = (now.ETag, now.Metadata);
                }
            }
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            // The entry was deleted with the last batch that used it. This batch has read it already.
        }
    }

    public static string FileName(CacheKey key, string file) => $"{key.Name}/{file}";

    public async Task StoreFileAsync(string name, Stream content, string mediaType, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var kept = content.Length <= LargestKept ? await BinaryData.FromStreamAsync(content, cancellationToken) : null;
        await account.Cache.GetBlobClient(name).UploadAsync(
            kept?.ToStream() ?? content,
            new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = mediaType } },
            cancellationToken);
        if (kept is not null) stored.Set(name, kept);
    }

    public async Task<bool> HasFileAsync(string name, CancellationToken cancellationToken) =>
        await account.Cache.GetBlobClient(name).ExistsAsync(cancellationToken);

    /// <returns>The file; null where it is missing.</returns>
    public async Task<BinaryData?> FindFileAsync(string name, CancellationToken cancellationToken) =>
        stored.TryTake(name, out var kept) ? kept : await DownloadAsync(name, cancellationToken);

    /// <summary>As <see cref="FindFileAsync"/>, for a file that will be asked for again: one that is in memory stays there.</summary>
    public async Task<BinaryData?> LookAtFileAsync(string name, CancellationToken cancellationToken) =>
        stored.TryGet(name, out var kept) ? kept : await DownloadAsync(name, cancellationToken);

    private async Task<BinaryData?> DownloadAsync(string name, CancellationToken cancellationToken)
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
        if (stored.TryTake(name, out var kept))
        {
            await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
            await file.WriteAsync(kept.ToMemory(), cancellationToken);
            return true;
        }

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
