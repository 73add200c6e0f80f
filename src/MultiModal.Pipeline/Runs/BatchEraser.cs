using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Runs;

/// <summary>
/// Deletes a batch: its files, its reports, the answers cached for it alone, and its state. Because of this order, an interrupted
/// deletion is completed by another request.
/// </summary>
public sealed class BatchEraser(
    MediaAccount account, InboxListing inbox, RunStore runs, BatchStore store, BatchResults results, UploadMarks uploads, IBatchHost host,
    ContentCache cache)
{
    private const int MaxParallelRequests = 16;

    /// <returns>False if the batch is running; nothing was deleted then.</returns>
    public async Task<bool> EraseAsync(BatchName batch, CancellationToken cancellationToken)
    {
        if (await host.ReadStateAsync(batch, cancellationToken) is { Phase: BatchPhase.Running }) return false;

        var files = await inbox.ListBatchAsync(batch, cancellationToken);
        await DeleteAsync(account.Inbox, files.Select(f => f.Name), cancellationToken);
        await DeleteReportsAsync(batch, cancellationToken);
        cache.ForgetBatch(batch);
        await DeleteCachedForItAloneAsync(batch, cancellationToken);
        await runs.DeleteAllAsync(batch, cancellationToken);
        await uploads.ClearAsync(batch, cancellationToken);
        await host.ForgetAsync(batch, cancellationToken);
        await store.DeleteAsync(batch, cancellationToken);
        return true;
    }

    /// <summary>Deletes the reports last: they may be needed to see whose the other files are.</summary>
    private async Task DeleteReportsAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var files = await results.ListFilesAsync(batch, cancellationToken).ToLookupAsync(
            name => name.EndsWith("/report.json", StringComparison.Ordinal), cancellationToken: cancellationToken);
        await DeleteAsync(account.Results, files[false], cancellationToken);
        await DeleteAsync(account.Results, files[true], cancellationToken);
    }

    /// <summary>Deletes the cache entries that steps of this batch used and no other batch does, each with the files that belong to it.</summary>
    private async Task DeleteCachedForItAloneAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var entries = new ConcurrentBag<CacheEntry>();
        var names = await runs.ListCacheUseAsync(batch, cancellationToken).ToHashSetAsync(cancellationToken: cancellationToken);
        await Parallel.ForEachAsync(
            names, Parallelism(cancellationToken), async (name, token) => entries.Add(await FindEntryAsync(name, token)));

        var own = await WithoutUsedAsync([.. entries], batch, cancellationToken);
        await Parallel.ForEachAsync(own, Parallelism(cancellationToken), async (entry, token) =>
        {
            if (!await TryDeleteAsync(entry, token)) return;
            foreach (var file in entry.Files) await account.Cache.DeleteBlobIfExistsAsync(file, cancellationToken: token);
        });
    }

    private async Task<CacheEntry> FindEntryAsync(string name, CancellationToken cancellationToken)
    {
        BlobItem? entry = null;
        var files = new List<string>();
        var options = new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = name };
        await foreach (var blob in account.Cache.GetBlobsAsync(options, cancellationToken))
        {
            if (blob.Name == name) entry = blob;
            else if (blob.Name.StartsWith($"{name}/", StringComparison.Ordinal)) files.Add(blob.Name);
        }

        return new CacheEntry(name, entry?.Properties.ETag, entry is null ? EntryUsers.None : EntryUsers.Of(entry.Metadata), files);
    }

    /// <summary>
    /// Leaves out the entries that other batches use. These are looked for among the batches that the entries name. The steps of all batches are
    /// listed only for an entry of version 1.0, which names none, or of so many batches that not all are named.
    /// </summary>
    private async Task<List<CacheEntry>> WithoutUsedAsync(List<CacheEntry> entries, BatchName batch, CancellationToken cancellationToken)
    {
        foreach (var other in entries.SelectMany(entry => entry.Users.Keys).Where(key => key != batch.Key).Distinct())
        {
            entries = await WithoutUsedAsync(entries, batch, other, cancellationToken);
        }

        return entries.Exists(entry => !entry.Users.AreAll) ? await WithoutUsedAsync(entries, batch, other: null, cancellationToken) : entries;
    }

    private async Task<List<CacheEntry>> WithoutUsedAsync(
        List<CacheEntry> entries, BatchName batch, string? other, CancellationToken cancellationToken)
    {
        var used = await runs.ListCacheUseByFingerprintAsync(other, cancellationToken)
            .Where(use => use.BatchKey != batch.Key)
            .Select(use => use.Fingerprint)
            .ToHashSetAsync(cancellationToken: cancellationToken);
        return entries.FindAll(entry => !used.Contains(CacheUse.FingerprintOf(entry.Name)));
    }

    /// <returns>False if another batch has begun to use the entry.</returns>
    private async Task<bool> TryDeleteAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            if (entry.Version is not { } version) return true;
            await account.Cache.DeleteBlobIfExistsAsync(
                entry.Name, DeleteSnapshotsOption.IncludeSnapshots, new BlobRequestConditions { IfMatch = version }, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet())
        {
            return false;
        }
    }

    private static Task DeleteAsync(BlobContainerClient container, IEnumerable<string> names, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            names,
            Parallelism(cancellationToken),
            async (name, token) =>
                await container.GetBlobClient(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: token));

    private static ParallelOptions Parallelism(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = MaxParallelRequests, CancellationToken = cancellationToken };

    /// <param name="Name">Name of the entry.</param>
    /// <param name="Version">Version of the entry; null if it is gone.</param>
    /// <param name="Users">Batches that use it.</param>
    /// <param name="Files">Names of the files that belong to it.</param>
    private sealed record CacheEntry(string Name, ETag? Version, EntryUsers Users, IReadOnlyList<string> Files);
}
