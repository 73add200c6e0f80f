using System.Globalization;
using System.Runtime.CompilerServices;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Runs;

/// <summary>
/// The state of runs in blobs, under <c>state/{batch key}/{runSeq}/</c>: the inventory (a header and pages of
/// <see cref="SliceReference.Size"/> items), a record of each completed step, and the cancel flag.
/// </summary>
public sealed class RunStore(MediaAccount account, TimeProvider? time = null)
{
    /// <summary>Number of a batch's latest runs whose state is kept after the last of them has ended.</summary>
    public const int KeptRuns = 2;

    /// <summary>Items of the inventory pages and headers that are kept in memory.</summary>
    private const int CachedItems = 12_800;

    private const int CachedHeaders = 1000;
    private const int ItemsAhead = 16;

    /// <summary>How long an answer about the cancel flag counts.</summary>
    private static readonly TimeSpan CancelLookEvery = TimeSpan.FromSeconds(1);

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly RecentlyUsed<string, IReadOnlyList<InventoryItem>> pages = new(CachedItems, page => page.Count);
    private readonly RecentlyUsed<RunReference, InventoryHeader> headers = new(CachedHeaders, _ => 1);
    private readonly RecentlyUsed<string, (bool Requested, long LookedAt)> cancels = new(CachedHeaders, _ => 1);

    public static string RunFolder(RunReference run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return string.Create(CultureInfo.InvariantCulture, $"{run.Batch.Key}/{run.RunSeq:D8}");
    }

    public async Task<InventoryHeader?> ReadHeaderAsync(RunReference run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var key = run with { Scope = RunScope.All };
        if (headers.TryGet(key, out var known)) return known;
        var header = (await account.State.ReadJsonAsync<InventoryHeader>(HeaderName(run), cancellationToken))?.Value;

        // A header never changes. Only the start of its batch tells it from that of a deleted batch that had the same name.
        if (header is not null && run.BatchSince is not null) headers.Set(key, header);
        return header;
    }

    /// <summary>Completes the inventory of a run; the first caller to do so decides.</summary>
    public async Task<InventoryHeader> WriteHeaderAsync(RunReference run, InventoryHeader header, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!await account.State.TryWriteJsonAsync(HeaderName(run), header, etag: null, cancellationToken))
        {
            return await ReadHeaderAsync(run, cancellationToken) ?? throw Deleted("The inventory");
        }

        if (run.BatchSince is not null) headers.Set(run with { Scope = RunScope.All }, header);
        return header;
    }

    /// <summary>Writes a page under the digest of its inventory, so that two attempts that saw different files don't mix.</summary>
    public async Task WritePageAsync(
        RunReference run, string digest, int page, IReadOnlyList<InventoryItem> items, CancellationToken cancellationToken)
    {
        var name = PageName(run, digest, page);
        await account.State.WriteJsonAsync(name, items, metadata: null, cancellationToken);
        pages.Set(name, items);
    }

    public async Task<IReadOnlyList<InventoryItem>> ReadPageAsync(RunReference run, int page, CancellationToken cancellationToken)
    {
        var header = await ReadHeaderAsync(run, cancellationToken) ?? throw Deleted("The inventory");
        return await ReadPageAsync(run, header.Digest, page, cancellationToken);
    }

    public async Task<InventoryItem> ReadItemAsync(ItemReference item, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(item);
        var page = await ReadPageAsync(item.Run, item.Index / SliceReference.Size, cancellationToken);
        return page[item.Index % SliceReference.Size];
    }

    /// <summary>Reads all items in order, page by page.</summary>
    public async IAsyncEnumerable<InventoryItem> ReadItemsAsync(
        RunReference run, int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (count == 0) yield break;
        var header = await ReadHeaderAsync(run, cancellationToken) ?? throw Deleted("The inventory");
        for (var page = 0; page * SliceReference.Size < count; page++)
        {
            foreach (var item in await ReadPageAsync(run, header.Digest, page, cancellationToken)) yield return item;
        }
    }

    public async Task<StepRecord?> ReadRecordAsync(ItemReference item, string step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(item);
        return (await account.State.ReadJsonAsync<StepRecord>(RecordName(item, step), cancellationToken))?.Value;
    }

    /// <summary>Reads the result of an item's step.</summary>
    public async Task<T> ReadResultAsync<T>(ItemReference item, string step, CancellationToken cancellationToken) where T : class =>
        (await ReadRecordAsync(item, step, cancellationToken))?.Read<T>() ?? throw Deleted($"The result of {step}");

    /// <summary>Reads the batch's options, as the run's inventory found them.</summary>
    public async Task<BatchOptions> ReadOptionsAsync(RunReference run, CancellationToken cancellationToken) =>
        (await ReadHeaderAsync(run, cancellationToken))?.Options ?? throw Deleted("The inventory");

    /// <summary>
    /// Whether the batch has changed since the run's inventory: files dropped, replaced or deleted since then belong to the next run.
    /// </summary>
    public async Task<bool> IsSupersededAsync(RunReference run, InboxListing listing, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(listing);
        return await ReadHeaderAsync(run, cancellationToken) is { } header
            && !await listing.IsUnchangedAsync(run.Batch, header.Digest, cancellationToken);
    }

    public Task WriteRecordAsync(ItemReference item, StepRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(record);
        return account.State.WriteJsonAsync(RecordName(item, record.Step), record, Metadata(record), cancellationToken);
    }

    /// <summary>Reads all records of an item, in no particular order.</summary>
    public Task<IReadOnlyList<StepRecord>> ReadRecordsAsync(ItemReference item, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(item);
        return ReadRecordsAsync(ItemFolder(item.Run, item.Index), cancellationToken);
    }

    /// <summary>
    /// Reads all items in order, each with its records: one listing of the records runs beside the inventory, and some items are read
    /// ahead.
    /// </summary>
    public async IAsyncEnumerable<ItemRecords> ReadItemsWithRecordsAsync(
        RunReference run, int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = $"{RunFolder(run)}/items/";
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ahead = new Queue<Task<ItemRecords>>(ItemsAhead);
        await using var names = account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, stopped.Token).GetAsyncEnumerator(stopped.Token);
        try
        {
            var more = await names.MoveNextAsync();
            await foreach (var item in ReadItemsAsync(run, count, stopped.Token))
            {
                var folder = ItemFolder(run, item.Index);
                var records = new List<string>();

                // Listings are ordinal by name, and so are folders of padded numbers, so the two sequences can be read in parallel.
                for (; more && string.CompareOrdinal(names.Current.Name, 0, folder, 0, folder.Length) <= 0; more = await names.MoveNextAsync())
                {
                    if (names.Current.Name.StartsWith(folder, StringComparison.Ordinal)) records.Add(names.Current.Name);
                }

                ahead.Enqueue(ReadItemRecordsAsync(item, records, stopped.Token));
                if (ahead.Count == ItemsAhead) yield return await ahead.Dequeue();
            }

            while (ahead.TryDequeue(out var next)) yield return await next;
        }
        finally
        {
            await stopped.CancelAsync();
            await Task.WhenAll(ahead.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Reads the records of all nodes of the synthesis tree.</summary>
    public async IAsyncEnumerable<StepRecord> ReadNodeRecordsAsync(RunReference run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = $"{RunFolder(run)}/synthesis/" }, cancellationToken))
        {
            if (!blob.Name.EndsWith(".record.json", StringComparison.Ordinal)) continue;
            if ((await account.State.ReadJsonAsync<StepRecord>(blob.Name, cancellationToken))?.Value is { } record) yield return record;
        }
    }

    public async Task<StepRecord?> ReadNodeRecordAsync(SynthesisNode node, CancellationToken cancellationToken) =>
        (await account.State.ReadJsonAsync<StepRecord>(NodeName(node), cancellationToken))?.Value;

    public Task WriteNodeRecordAsync(SynthesisNode node, StepRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        return account.State.WriteJsonAsync(NodeName(node), record, Metadata(record), cancellationToken);
    }

    public Task DeleteNodeRecordAsync(SynthesisNode node, CancellationToken cancellationToken) =>
        account.State.DeleteBlobIfExistsAsync(NodeName(node), cancellationToken: cancellationToken);

    /// <summary>Writes the content of a group of the tree; this is done when the level is planned.</summary>
    public Task WriteGroupAsync<T>(SynthesisNode node, T group, CancellationToken cancellationToken) where T : class =>
        account.State.WriteJsonAsync(GroupName(node), group, metadata: null, cancellationToken);

    public async Task<T?> ReadGroupAsync<T>(SynthesisNode node, CancellationToken cancellationToken) where T : class =>
        (await account.State.ReadJsonAsync<T>(GroupName(node), cancellationToken))?.Value;

    /// <summary>Writes a document of the run, such as the synthesis plan.</summary>
    public Task WriteDocumentAsync<T>(RunReference run, string name, T document, CancellationToken cancellationToken) where T : class =>
        account.State.WriteJsonAsync($"{RunFolder(run)}/{name}.json", document, metadata: null, cancellationToken);

    public async Task<T?> ReadDocumentAsync<T>(RunReference run, string name, CancellationToken cancellationToken) where T : class =>
        (await account.State.ReadJsonAsync<T>($"{RunFolder(run)}/{name}.json", cancellationToken))?.Value;

    /// <summary>Lists live progress: the status of each completed step, from listings alone.</summary>
    public async IAsyncEnumerable<StepProgress> ListProgressAsync(RunReference run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = $"{RunFolder(run)}/items/";
        await foreach (var blob in account.State.GetBlobsAsync(
            new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = prefix }, cancellationToken))
        {
            var parts = blob.Name[prefix.Length..].Split('/');
            var file = parts[1].Split('.');
            yield return new StepProgress(
                int.Parse(parts[0], CultureInfo.InvariantCulture),
                int.Parse(file[1], CultureInfo.InvariantCulture),
                file[0],
                Enum.Parse<StepStatus>(blob.Metadata["status"], ignoreCase: true),
                blob.Metadata.TryGetValue("code", out var code) ? code : null,
                int.Parse(blob.Metadata["parts"], CultureInfo.InvariantCulture));
        }
    }

    /// <summary>
    /// Lists the cache entries that the recorded steps used, from listings alone; an entry used by several steps appears several times.
    /// </summary>
    /// <param name="only">Batch whose steps are listed; null for all batches.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    public async IAsyncEnumerable<CacheUse> ListCacheUseAsync(BatchName? only, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = only is { } batch ? $"{batch.Key}/" : null };
        await foreach (var blob in account.State.GetBlobsAsync(options, cancellationToken))
        {
            if (blob.Metadata.TryGetValue(
                "cache", out var name)) yield return new CacheUse(blob.Name[..blob.Name.IndexOf('/', StringComparison.Ordinal)], name);
        }
    }

    /// <summary>Requests that the run stop: every step checks this first.</summary>
    public async Task RequestCancelAsync(RunReference run, CancellationToken cancellationToken)
    {
        var name = CancelName(run);
        await account.State.GetBlobClient(name).UploadAsync(BinaryData.Empty, overwrite: true, cancellationToken);
        cancels.Set(name, (true, time.GetTimestamp()));
    }

    /// <summary>
    /// Whether the run was asked to stop. Storage is looked at once a second at most: what another process asks for is seen within that time, and what
    /// this one asks for at once.
    /// </summary>
    public async Task<bool> IsCancelRequestedAsync(RunReference run, CancellationToken cancellationToken)
    {
        var name = CancelName(run);
        if (cancels.TryGet(name, out var look) && time.GetElapsedTime(look.LookedAt) < CancelLookEvery) return look.Requested;
        var now = time.GetTimestamp();
        var requested = (await account.State.GetBlobClient(name).ExistsAsync(cancellationToken)).Value;
        if (!requested && cancels.TryGet(name, out var newer) && newer.Requested && newer.LookedAt >= now) return true;
        cancels.Set(name, (requested, now));
        return requested;
    }

    /// <summary>Deletes a run's state, once its report is written and a newer run has taken over.</summary>
    public Task DeleteAsync(RunReference run, CancellationToken cancellationToken) => DeleteAsync($"{RunFolder(run)}/", cancellationToken);

    /// <summary>Deletes the state of all runs of a batch.</summary>
    public Task DeleteAllAsync(BatchName batch, CancellationToken cancellationToken) => DeleteAsync($"{batch.Key}/", cancellationToken);

    private async Task DeleteAsync(string prefix, CancellationToken cancellationToken)
    {
        cancels.Forget(name => name.StartsWith(prefix, StringComparison.Ordinal));
        await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellationToken))
        {
            await account.State.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellationToken);
        }
    }

    /// <summary>
    /// Deletes the state of runs older than the previous one: the next run takes hashes and settled items from the latest, and a report
    /// may still be read beside its run.
    /// </summary>
    public async Task DeleteOlderAsync(RunReference run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.RunSeq <= KeptRuns) return;
        var prefix = $"{run.Batch.Key}/";
        var options = new GetBlobsByHierarchyOptions { Prefix = prefix, Delimiter = "/" };
        await foreach (var folder in account.State.GetBlobsByHierarchyAsync(options, cancellationToken))
        {
            if (folder.IsPrefix
                && int.TryParse(folder.Prefix.AsSpan(prefix.Length).TrimEnd('/'), NumberStyles.None, CultureInfo.InvariantCulture, out var runSeq)
                && runSeq <= run.RunSeq - KeptRuns)
            {
                await DeleteAsync(run with { RunSeq = runSeq }, cancellationToken);
            }
        }
    }

    /// <summary>Reads a page. Pages never change, so some are kept in memory.</summary>
    private async Task<IReadOnlyList<InventoryItem>> ReadPageAsync(RunReference run, string digest, int page, CancellationToken cancellationToken)
    {
        var name = PageName(run, digest, page);
        if (pages.TryGet(name, out var known)) return known;
        var items = (await account.State.ReadJsonAsync<List<InventoryItem>>(name, cancellationToken))?.Value
            ?? throw Deleted($"Page {page} of the inventory");
        pages.Set(name, items);
        return items;
    }

    private static InvalidOperationException Deleted(string what) => new($"{what} is missing: the run's state was deleted under it.");

    private static string HeaderName(RunReference run) => $"{RunFolder(run)}/inventory.json";

    private static string CancelName(RunReference run) => $"{RunFolder(run)}/cancel";

    private static string PageName(RunReference run, string digest, int page) =>
        string.Create(CultureInfo.InvariantCulture, $"{RunFolder(run)}/inventory/{digest}/{page:D6}.json");

    private static string ItemFolder(RunReference run, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{RunFolder(run)}/items/{index:D8}/");

    private static string RecordName(ItemReference item, string step) =>
        string.Create(CultureInfo.InvariantCulture, $"{ItemFolder(item.Run, item.Index)}{step}.{item.Part:D5}.json");

    private static string NodeName(SynthesisNode node) =>
        string.Create(CultureInfo.InvariantCulture, $"{RunFolder(node.Run)}/synthesis/{node.Level:D2}/{node.Group:D6}.record.json");

    private static string GroupName(SynthesisNode node) =>
        string.Create(CultureInfo.InvariantCulture, $"{RunFolder(node.Run)}/synthesis/{node.Level:D2}/{node.Group:D6}.group.json");

    private static Dictionary<string, string> Metadata(StepRecord record)
    {
        var metadata = new Dictionary<string, string>
        {
            ["status"] = record.Status.ToString(),
            ["parts"] = record.Parts.ToString(CultureInfo.InvariantCulture),
        };
        if (record.Failure is { } failure) metadata["code"] = failure.Code;
        if (record.CacheName is { } cacheName) metadata["cache"] = cacheName;
        return metadata;
    }

    private async Task<ItemRecords> ReadItemRecordsAsync(InventoryItem item, List<string> names, CancellationToken cancellationToken)
    {
        var records = new List<StepRecord>(names.Count);
        foreach (var name in names)
        {
            if ((await account.State.ReadJsonAsync<StepRecord>(name, cancellationToken))?.Value is { } record) records.Add(record);
        }

        return new ItemRecords(item, records);
    }

    private async Task<IReadOnlyList<StepRecord>> ReadRecordsAsync(string prefix, CancellationToken cancellationToken)
    {
        var records = new List<StepRecord>();
        await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellationToken))
        {
            if ((await account.State.ReadJsonAsync<StepRecord>(blob.Name, cancellationToken))?.Value is { } record) records.Add(record);
        }

        return records;
    }
}
