using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Runs;

/// <summary>
/// Deletes a batch: its files, its reports, the answers cached for it alone, and its state. Because of this order, an interrupted
/// deletion is completed by another request.
/// </summary>
public sealed class BatchEraser(
    MediaAccount account, InboxListing inbox, RunStore runs, BatchStore store, BatchResults results, UploadMarks uploads, IBatchHost host)
{
    private const int MaxParallelDeletes = 16;

    /// <returns>False if the batch is running; nothing was deleted then.</returns>
    public async Task<bool> EraseAsync(BatchName batch, CancellationToken cancellationToken)
    {
        if (await host.ReadStateAsync(batch, cancellationToken) is { Phase: BatchPhase.Running }) return false;

        var files = await inbox.ListBatchAsync(batch, cancellationToken);
        await DeleteAsync(account.Inbox, files.Select(f => f.Name), cancellationToken);
        await DeleteReportsAsync(batch, cancellationToken);
        await DeleteAsync(account.Cache, await ListCachedForItAloneAsync(batch, cancellationToken), cancellationToken);
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

    /// <summary>Lists the cache entries that steps of this batch used and no other batch did, each with the files that belong to it.</summary>
    private async Task<List<string>> ListCachedForItAloneAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var own = new HashSet<string>(StringComparer.Ordinal);
        var others = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var use in runs.ListCacheUseAsync(batch, cancellationToken))
        {
            if (use.CacheName is { } name) own.Add(name);
        }

        if (own.Count == 0) return [];
        await foreach (var use in runs.ListCacheUseAsync(only: null, cancellationToken))
        {
            if (use.BatchKey != batch.Key) others.Add(use.Fingerprint);
        }

        own.RemoveWhere(name => others.Contains(CacheUse.FingerprintOf(name)));
        var names = new List<string>();
        foreach (var entry in own)
        {
            names.Add(entry);
            await foreach (var file in account.Cache.GetBlobsAsync(
                new GetBlobsOptions { Prefix = $"{entry}/" }, cancellationToken)) names.Add(file.Name);
        }

        return names;
    }

    private static Task DeleteAsync(BlobContainerClient container, IEnumerable<string> names, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            names,
            new ParallelOptions { MaxDegreeOfParallelism = MaxParallelDeletes, CancellationToken = cancellationToken },
            async (name, token) =>
                await container.GetBlobClient(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: token));
}
