using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Runs;

/// <summary>
/// Deletes a batch: its files, its reports, what was cached for it alone, its state. In this order, so that a deletion
/// that was broken off is completed by asking again.
/// </summary>
public sealed partial class BatchEraser(MediaAccount account, InboxListing inbox, RunStore runs, BatchStore store, IBatchHost host)
{
    private const int MaxParallelDeletes = 16;

    /// <returns>False for a batch that is running: nothing was deleted.</returns>
    public async Task<bool> Erase(BatchName batch, CancellationToken cancellationToken)
    {
        if (await host.ReadState(batch, cancellationToken) is { Phase: BatchPhase.Running }) return false;

        var files = await inbox.ListBatch(batch, cancellationToken);
        await Delete(account.Inbox, files.Select(f => f.Name), cancellationToken);
        await Delete(account.Results, await ListReports(batch, cancellationToken), cancellationToken);
        await Delete(account.Cache, await ListCachedForItAlone(batch, cancellationToken), cancellationToken);
        await runs.DeleteAll(batch, cancellationToken);
        await host.Forget(batch, cancellationToken);
        await store.Delete(batch, cancellationToken);
        return true;
    }

    /// <summary>By exact place: below this batch's folder may lie the reports of a batch whose name begins with it.</summary>
    private async Task<List<string>> ListReports(BatchName batch, CancellationToken cancellationToken)
    {
        var folder = batch.ResultsFolder;
        var names = new List<string> { $"{folder}/report.json", $"{folder}/report.md" };
        var prefix = $"{folder}/runs/";
        await foreach (var blob in account.Results.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellationToken))
        {
            if (OfARun().IsMatch(blob.Name.AsSpan(prefix.Length))) names.Add(blob.Name);
        }

        return names;
    }

    /// <summary>Entries that steps of this batch used and those of no other batch did, each with the files that belong to it.</summary>
    private async Task<List<string>> ListCachedForItAlone(BatchName batch, CancellationToken cancellationToken)
    {
        var own = new HashSet<string>(StringComparer.Ordinal);
        var others = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var use in runs.ListCacheUse(batch, cancellationToken)) own.Add(use.CacheName);
        if (own.Count == 0) return [];
        await foreach (var use in runs.ListCacheUse(only: null, cancellationToken))
        {
            if (use.BatchKey != batch.Key) others.Add(use.CacheName);
        }

        own.ExceptWith(others);
        var names = new List<string>();
        foreach (var entry in own)
        {
            names.Add(entry);
            await foreach (var file in account.Cache.GetBlobsAsync(new GetBlobsOptions { Prefix = $"{entry}/" }, cancellationToken)) names.Add(file.Name);
        }

        return names;
    }

    private static Task Delete(BlobContainerClient container, IEnumerable<string> names, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            names,
            new ParallelOptions { MaxDegreeOfParallelism = MaxParallelDeletes, CancellationToken = cancellationToken },
            async (name, token) => await container.GetBlobClient(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: token));

    [GeneratedRegex(@"^\d+/", RegexOptions.CultureInvariant)]
    private static partial Regex OfARun();
}
