using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Runs;

/// <summary>
/// The state of runs in blobs, under <c>state/{batch key}/{runSeq}/</c>: the inventory (a header and pages of
/// <see cref="SliceReference.Size"/> items), a record of each completed step, and the cancel flag.
/// </summary>
/// <param name="account">The account with the state.</param>
/// <param name="time">Clock; the system's if null.</param>
/// <param name="keeping">How this process stores the records of steps; one by one if null. What was stored in either way is read.</param>
public sealed class RunStore(MediaAccount account, TimeProvider? time = null, RecordKeeping? keeping = null)
{
    /// <summary>Number of a batch's latest runs whose state is kept after the last of them has ended.</summary>
    public const int KeptRuns = 2;

    /// <summary>Items of the inventory pages and headers that are kept in memory.</summary>
    private const int CachedItems = 12_800;

    private const int CachedHeaders = 1000;
    private const int ItemsAhead = 16;
    private const string HeaderFile = "inventory.json";
    private const string CancelFile = "cancel";

    /// <summary>Folder of what runs used whose state was deleted, within the folder of their batch.</summary>
    private const string UsedFolder = "used/";

    /// <summary>How long an answer about the cancel flag, or about changes of the inbox, counts.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of records that are kept in memory, over all runs.</summary>
    private const int RecordBytes = 32 << 20;

    /// <summary>Runs that this process does not carry out and whose records it has read lately.</summary>
    private const int CachedRuns = 64;

    private readonly bool together = keeping is { Together: true };
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly Lock gate = new();
    private readonly Dictionary<string, RunRecords> written = new(StringComparer.Ordinal);
    private readonly RecentlyUsed<string, RunRecords> read = new(CachedRuns, _ => 1, records => records.Dispose());
    private readonly RecentlyUsed<(string Name, DateTimeOffset Since), StepRecord> own = new(RecordBytes, Weigh);
    private readonly RecordMemory memory = new(RecordBytes);
    private readonly RecentlyUsed<string, IReadOnlyList<InventoryItem>> pages = new(CachedItems, page => page.Count);
    private readonly RecentlyUsed<RunReference, InventoryHeader> headers = new(CachedHeaders, _ => 1);
    private readonly RecentlyUsed<RunReference, long> listedAt = new(CachedHeaders, _ => 1);
    private readonly RecentlyUsed<(string Name, DateTimeOffset Since), SimilarPictures> similar = new(CachedItems, found => 1 + found.Pictures.Count);
    private readonly RecentlyUsed<string, CancelLook> cancels = new(CachedHeaders, _ => 1);

    public static string RunFolder(RunReference run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return string.Create(CultureInfo.InvariantCulture, $"{run.Batch.Key}/{run.RunSeq:D8}");
    }

    public async Task<InventoryHeader?> ReadHeaderAsync(RunReference run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var key = run with { Scope = RunScope.All, IsRetry = false };
        if (headers.TryGet(key, out var known)) return known;
        if (together && run.BatchSince is not null && await RecordsOf(run).OpenAsync(cancellationToken) is { } names)
        {
            // The listing that opens the run says what the run has, so that a new run asks for nothing.
            if (!names.Contains(CancelFile)) lock (gate) cancels.Set(CancelName(run), new CancelLook(Task.FromResult(false), time.GetTimestamp()));
            if (!names.Contains(HeaderFile)) return null;
        }

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

        if (run.BatchSince is not null) headers.Set(run with { Scope = RunScope.All, IsRetry = false }, header);
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

    /// <summary>Finds an item of a run whose state may have been deleted.</summary>
    /// <returns>The item; null where the run's state is not there, or the run has no such item.</returns>
    public async Task<InventoryItem?> FindItemAsync(RunReference run, int index, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (await ReadHeaderAsync(run, cancellationToken) is not { } header || index < 0 || index >= header.Count) return null;
        var page = await FindPageAsync(run, header.Digest, index / SliceReference.Size, cancellationToken);
        return page?[index % SliceReference.Size];
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
        var key = new RecordKey(item.Index, item.Part, step) { Tile = item.Tile };
        if (together) return await RecordsOf(item.Run).ReadAsync(key, cancellationToken);
        var name = RecordName(item, step);
        if (item.Run.BatchSince is { } since && own.TryGet((name, since), out var known)) return known;
        return (await account.State.ReadJsonAsync<StepRecord>(name, cancellationToken))?.Value
            ?? await RecordsOf(item.Run).ReadAsync(key, cancellationToken);
    }

    /// <summary>Reads the result of an item's step.</summary>
    public async Task<T> ReadResultAsync<T>(ItemReference item, string step, CancellationToken cancellationToken) where T : class =>
        (await ReadRecordAsync(item, step, cancellationToken))?.Read<T>() ?? throw Deleted($"The result of {step}");

    /// <summary>Reads the batch's options, as the run's inventory found them.</summary>
    public async Task<BatchOptions> ReadOptionsAsync(RunReference run, CancellationToken cancellationToken) =>
        (await ReadHeaderAsync(run, cancellationToken))?.Options ?? throw Deleted("The inventory");

    /// <summary>
    /// Whether the batch has changed since the run's inventory: files dropped, replaced or deleted since then belong to the next run. A batch that
    /// was found unchanged is not listed again within a second; what is dropped then is an event of its own.
    /// </summary>
    public async Task<bool> IsSupersededAsync(RunReference run, InboxListing listing, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(listing);
        if (await ReadHeaderAsync(run, cancellationToken) is not { } header) return false;
        var key = run with { Scope = RunScope.All };
        if (listedAt.TryGet(key, out var at) && time.GetElapsedTime(at) < LookEvery) return false;
        var now = time.GetTimestamp();
        if (!await listing.IsUnchangedAsync(run.Batch, header.Digest, cancellationToken)) return true;
        NoteListed(run, now);
        return false;
    }

    /// <summary>Notes that the batch was listed for the run's inventory, so that it need not be listed again at once.</summary>
    /// <param name="run">The run.</param>
    /// <param name="timestamp">When the listing began.</param>
    public void NoteListed(RunReference run, long timestamp)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.BatchSince is not null) listedAt.Set(run with { Scope = RunScope.All }, timestamp);
    }

    /// <summary>Writes a record, at once or within seconds (<see cref="RecordKeeping"/>).</summary>
    public async Task WriteRecordAsync(ItemReference item, StepRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(record);
        if (together)
        {
            await WrittenOf(item.Run).WriteAsync(
                new RecordKey(item.Index, item.Part, record.Step) { Tile = item.Tile }, record, cancellationToken);
            return;
        }

        var name = RecordName(item, record.Step);
        await account.State.WriteJsonAsync(name, record, Metadata(record), cancellationToken);
        if (record.Status == StepStatus.Succeeded && item.Run.BatchSince is { } since) own.Set((name, since), record);
    }

    /// <summary>
    /// Writes the records of a slice that has ended together, where this process keeps them so. If storage does not take them now, they are written
    /// later.
    /// </summary>
    public async Task EndSliceAsync(SliceReference slice, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(slice);
        try
        {
            if (FindWritten(slice.Run) is { } records) await records.WriteSliceAsync(slice.Slice, cancellationToken);
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            Telemetry.Recovered("records-written-later");
        }
    }

    /// <summary>Writes all records of a run that this process still has in memory alone.</summary>
    public async Task WriteAllRecordsAsync(RunReference run, CancellationToken cancellationToken)
    {
        if (FindWritten(run) is { } records) await records.WriteAllAsync(cancellationToken);
    }

    /// <summary>Ends this process's part in a run: what is not written yet is tried once more, so that the run can be resumed after it.</summary>
    public async Task LeaveAsync(RunReference run)
    {
        try
        {
            await WriteAllRecordsAsync(run, CancellationToken.None);
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            // What is lost is done again, from cached answers.
        }

        var folder = RunFolder(run);
        lock (gate)
        {
            if (written.Remove(folder, out var records)) read.Set(folder, records);
        }
    }

    /// <summary>Reads all records of an item, in no particular order.</summary>
    public async Task<IReadOnlyList<StepRecord>> ReadRecordsAsync(ItemReference item, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(item);
        var records = await RecordsOf(item.Run).ReadItemAsync(item.Index, cancellationToken);
        return together ? records : [.. records, .. await ReadRecordsAsync(ItemFolder(item.Run, item.Index), cancellationToken)];
    }

    /// <summary>
    /// Reads all items in order, each with its records: one listing of the records runs beside the inventory, and some items are read
    /// ahead.
    /// </summary>
    public async IAsyncEnumerable<ItemRecords> ReadItemsWithRecordsAsync(
        RunReference run, int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (together)
        {
            await foreach (var item in ReadItemsAsync(run, count, cancellationToken))
            {
                yield return new ItemRecords(item, await RecordsOf(run).ReadItemAsync(item.Index, cancellationToken));
            }

            yield break;
        }

        var others = RecordsOf(run);
        await others.OpenAsync(cancellationToken);
        var prefix = $"{RunFolder(run)}/{StepProgress.Folder}";
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

                ahead.Enqueue(ReadItemRecordsAsync(item, records, others, stopped.Token));
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

    /// <summary>Reads the records of all nodes of the synthesis tree, and that of the picture that is made from it.</summary>
    public async IAsyncEnumerable<StepRecord> ReadNodeRecordsAsync(RunReference run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (together)
        {
            foreach (var record in await RecordsOf(run).ReadNodesAsync(cancellationToken)) yield return record;
            yield break;
        }

        await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = $"{RunFolder(run)}/synthesis/" }, cancellationToken))
        {
            if (!blob.Name.EndsWith(".record.json", StringComparison.Ordinal)) continue;
            if ((await account.State.ReadJsonAsync<StepRecord>(blob.Name, cancellationToken))?.Value is { } record) yield return record;
        }
    }

    public async Task<StepRecord?> ReadNodeRecordAsync(SynthesisNode node, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        return together
            ? await RecordsOf(node.Run).ReadAsync(KeyOf(node), cancellationToken)
            : (await account.State.ReadJsonAsync<StepRecord>(NodeName(node), cancellationToken))?.Value;
    }

    public Task WriteNodeRecordAsync(SynthesisNode node, StepRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(record);
        return together
            ? WrittenOf(node.Run).WriteAsync(KeyOf(node), record, cancellationToken)
            : account.State.WriteJsonAsync(NodeName(node), record, Metadata(record), cancellationToken);
    }

    public async Task DeleteNodeRecordAsync(SynthesisNode node, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (together) RecordsOf(node.Run).Remove(KeyOf(node));
        else await account.State.DeleteBlobIfExistsAsync(NodeName(node), cancellationToken: cancellationToken);
    }

    /// <summary>Reads the record of the picture of the run's report. It is also among those of the synthesis tree's nodes.</summary>
    public async Task<StepRecord?> ReadIllustrationRecordAsync(RunReference run, CancellationToken cancellationToken) => together
        ? await RecordsOf(run).ReadAsync(IllustrationKey, cancellationToken)
        : (await account.State.ReadJsonAsync<StepRecord>(IllustrationName(run), cancellationToken))?.Value;

    public Task WriteIllustrationRecordAsync(RunReference run, StepRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        return together
            ? WrittenOf(run).WriteAsync(IllustrationKey, record, cancellationToken)
            : account.State.WriteJsonAsync(IllustrationName(run), record, Metadata(record), cancellationToken);
    }

    /// <summary>Writes the content of a group of the tree; this is done when the level is planned.</summary>
    public Task WriteGroupAsync<T>(SynthesisNode node, T group, CancellationToken cancellationToken) where T : class
    {
        ArgumentNullException.ThrowIfNull(node);
        return WriteDocumentAsync(node.Run, GroupName(node), group, cancellationToken);
    }

    public Task<T?> ReadGroupAsync<T>(SynthesisNode node, CancellationToken cancellationToken) where T : class
    {
        ArgumentNullException.ThrowIfNull(node);
        return ReadDocumentAsync<T>(node.Run, GroupName(node), cancellationToken);
    }

    /// <summary>
    /// Reads a group as an earlier plan left it, which tells whether its node's record still counts. A process that keeps records together has no
    /// such records of others.
    /// </summary>
    public async Task<T?> ReadPlannedGroupAsync<T>(SynthesisNode node, CancellationToken cancellationToken) where T : class
    {
        ArgumentNullException.ThrowIfNull(node);
        return together && FindWritten(node.Run)?.FindDocument(GroupName(node)) is null ? null : await ReadGroupAsync<T>(node, cancellationToken);
    }

    /// <summary>
    /// Writes a document of the run, such as the synthesis plan. A process that keeps records together keeps small documents in memory: whoever
    /// resumes its run plans anew.
    /// </summary>
    public async Task WriteDocumentAsync<T>(RunReference run, string name, T document, CancellationToken cancellationToken) where T : class
    {
        if (together && WrittenOf(run).TryKeepDocument(name, JsonSerializer.SerializeToUtf8Bytes(document, PipelineJson.Options))) return;
        await account.State.WriteJsonAsync($"{RunFolder(run)}/{name}.json", document, metadata: null, cancellationToken);
    }

    public async Task<T?> ReadDocumentAsync<T>(RunReference run, string name, CancellationToken cancellationToken) where T : class =>
        FindWritten(run)?.FindDocument(name) is { } document
            ? JsonSerializer.Deserialize<T>(document, PipelineJson.Options)
            : (await account.State.ReadJsonAsync<T>($"{RunFolder(run)}/{name}.json", cancellationToken))?.Value;

    /// <summary>Reads what a round of the search for pictures that are the same has found; null if it was not made.</summary>
    public async Task<SimilarPictures?> ReadSimilarAsync(RunReference run, int round, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var name = SimilarName(run, round);
        if (run.BatchSince is { } since && similar.TryGet((name, since), out var known)) return known;
        var found = (await account.State.ReadJsonAsync<SimilarPictures>(name, cancellationToken))?.Value;
        if (found is not null) KeepSimilar(run, name, found);
        return found;
    }

    /// <summary>Reads what the last round of the search has found. A run that does not search asks storage for nothing.</summary>
    public async Task<SimilarPictures> ReadSimilarAsync(RunReference run, CancellationToken cancellationToken)
    {
        var last = SimilarPictures.None;
        if (await ReadHeaderAsync(run, cancellationToken) is not { NearDuplicates: true }) return last;
        for (var round = 0; round <= SimilarPictures.LastRound; round++)
        {
            if (await ReadSimilarAsync(run, round, cancellationToken) is not { } found) return last;
            last = found;
            if (found.Pictures.Count == 0) return last;
        }

        return last;
    }

    /// <summary>Writes what a round of the search has found; the first caller to do so decides.</summary>
    public async Task<SimilarPictures> WriteSimilarAsync(RunReference run, int round, SimilarPictures found, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var name = SimilarName(run, round);
        if (!await account.State.TryWriteJsonAsync(name, found, etag: null, cancellationToken))
        {
            return await ReadSimilarAsync(run, round, cancellationToken) ?? throw Deleted("What was found of pictures");
        }

        KeepSimilar(run, name, found);
        return found;
    }

    /// <summary>
    /// Lists live progress: the status of each completed step. Of a run that this process carries out it is in memory; otherwise it is read from
    /// listings, and from the blobs with records that are new since the last call.
    /// </summary>
    public async IAsyncEnumerable<StepProgress> ListProgressAsync(RunReference run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var records = RecordsOf(run);
        await records.RefreshAsync(cancellationToken);
        foreach (var progress in records.ListProgress()) yield return progress;
        if (together) yield break;
        var folder = RunFolder(run);
        await foreach (var blob in account.State.GetBlobsAsync(
            new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = $"{folder}/{StepProgress.Folder}" }, cancellationToken))
        {
            if (StepProgress.Parse(blob.Name[(folder.Length + 1)..], blob.Metadata) is { } progress) yield return progress;
        }
    }

    /// <summary>Lists the names of the cache entries that the recorded steps of a batch used; one may appear several times.</summary>
    public async IAsyncEnumerable<string> ListCacheUseAsync(BatchName batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var name in ListUsedNamesAsync($"{batch.Key}/", cancellationToken)) yield return name;
    }

    private async IAsyncEnumerable<string> ListUsedNamesAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = prefix };
        await foreach (var blob in account.State.GetBlobsAsync(options, cancellationToken))
        {
            if (blob.Metadata.TryGetValue("cache", out var name)) yield return name;
            if (!blob.Metadata.ContainsKey(RunRecords.UsesMetadata)) continue;
            foreach (var used in await ReadUsesAsync(blob.Name, cancellationToken)) yield return used;
        }
    }

    /// <summary>As <see cref="ListCacheUseAsync"/>, for one batch or for all, but by fingerprint: this takes hardly more than a listing.</summary>
    /// <param name="batchKey">Key of the batch whose steps are listed (<see cref="BatchName.Key"/>); null for all batches.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    public async IAsyncEnumerable<CacheUse> ListCacheUseByFingerprintAsync(
        string? batchKey, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (blob, fingerprint) in ListFingerprintsAsync(batchKey is null ? null : $"{batchKey}/", cancellationToken))
        {
            yield return new CacheUse(blob.Split('/', 2)[0], fingerprint);
        }
    }

    private async IAsyncEnumerable<(string Blob, string Fingerprint)> ListFingerprintsAsync(
        string? prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = prefix };
        await foreach (var blob in account.State.GetBlobsAsync(options, cancellationToken))
        {
            if (blob.Metadata.TryGetValue("cache", out var name)) yield return (blob.Name, CacheUse.FingerprintOf(name));
            if (!blob.Metadata.TryGetValue(RunRecords.UsesMetadata, out var uses)) continue;
            if (uses == RunRecords.ManyUses)
            {
                foreach (var used in await ReadUsesAsync(blob.Name, cancellationToken)) yield return (blob.Name, CacheUse.FingerprintOf(used));
                continue;
            }

            foreach (var use in uses.Split(',', StringSplitOptions.RemoveEmptyEntries)) yield return (blob.Name, use);
        }
    }

    /// <summary>Requests that the run stop: every step checks this first.</summary>
    public async Task RequestCancelAsync(RunReference run, CancellationToken cancellationToken)
    {
        var name = CancelName(run);
        await account.State.GetBlobClient(name).UploadAsync(BinaryData.Empty, overwrite: true, cancellationToken);
        lock (gate) cancels.Set(name, new CancelLook(Task.FromResult(true), time.GetTimestamp()));
    }

    /// <summary>
    /// Whether the run was asked to stop. Storage is looked at once a second at most: what another process asks for is seen within that time, and
    /// what this one asks for at once.
    /// </summary>
    public Task<bool> IsCancelRequestedAsync(RunReference run, CancellationToken cancellationToken)
    {
        var name = CancelName(run);
        lock (gate)
        {
            if (!cancels.TryGet(name, out var look) || look.Requested.IsFaulted || time.GetElapsedTime(look.LookedAt) >= LookEvery)
            {
                cancels.Set(name, look = new CancelLook(LookAsync(), time.GetTimestamp()));
            }

            return look.Requested.WaitAsync(cancellationToken);
        }

        // The callers of a look share it, so that none of them can end it.
        async Task<bool> LookAsync() => await account.State.GetBlobClient(name).ExistsAsync(CancellationToken.None);
    }

    /// <summary>Deletes a run's state, once its report is written and a newer run has taken over.</summary>
    public Task DeleteAsync(RunReference run, CancellationToken cancellationToken) => DeleteAsync($"{RunFolder(run)}/", cancellationToken);

    /// <summary>Deletes the state of all runs of a batch.</summary>
    public Task DeleteAllAsync(BatchName batch, CancellationToken cancellationToken) => DeleteAsync($"{batch.Key}/", cancellationToken);

    private async Task DeleteAsync(string prefix, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            cancels.Forget(name => name.StartsWith(prefix, StringComparison.Ordinal));
            read.Forget(folder => $"{folder}/".StartsWith(prefix, StringComparison.Ordinal));
            foreach (var folder in written.Keys.Where(folder => $"{folder}/".StartsWith(prefix, StringComparison.Ordinal)).ToList())
            {
                if (written.Remove(folder, out var records)) records.Dispose();
            }
        }

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
                var older = run with { RunSeq = runSeq };
                await KeepUsesAsync(older, cancellationToken);
                await DeleteAsync(older, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Notes which entries of the cache a run used and none of the batch's others, before its state is deleted: they go with the batch, however long ago
    /// their file was replaced.
    /// </summary>
    private async Task KeepUsesAsync(RunReference run, CancellationToken cancellationToken)
    {
        var folder = $"{RunFolder(run)}/";
        var (own, others) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        await foreach (var (blob, fingerprint) in ListFingerprintsAsync($"{run.Batch.Key}/", cancellationToken))
        {
            (blob.StartsWith(folder, StringComparison.Ordinal) ? own : others).Add(fingerprint);
        }

        own.ExceptWith(others);
        if (own.Count == 0) return;
        var names = await ListUsedNamesAsync(folder, cancellationToken).Where(name => own.Contains(CacheUse.FingerprintOf(name)))
            .ToHashSetAsync(StringComparer.Ordinal, cancellationToken);
        var metadata = new Dictionary<string, string> { [RunRecords.UsesMetadata] = RunRecords.UsesOf(own) };
        await account.State.WriteJsonAsync(
            string.Create(CultureInfo.InvariantCulture, $"{run.Batch.Key}/{UsedFolder}{run.RunSeq:D8}.json"), names, metadata, cancellationToken);
    }

    private async Task<IReadOnlyList<InventoryItem>> ReadPageAsync(RunReference run, string digest, int page, CancellationToken cancellationToken) =>
        await FindPageAsync(run, digest, page, cancellationToken) ?? throw Deleted($"Page {page} of the inventory");

    /// <summary>Reads a page. Pages never change, so some are kept in memory.</summary>
    private async Task<IReadOnlyList<InventoryItem>?> FindPageAsync(RunReference run, string digest, int page, CancellationToken cancellationToken)
    {
        var name = PageName(run, digest, page);
        if (pages.TryGet(name, out var known)) return known;
        if ((await account.State.ReadJsonAsync<List<InventoryItem>>(name, cancellationToken))?.Value is not { } items) return null;
        pages.Set(name, items);
        return items;
    }

    private async Task<IReadOnlyList<string>> ReadUsesAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var blob = await account.State.GetBlobClient(name).DownloadContentAsync(cancellationToken);
            return name.Split('/', 2)[1].StartsWith(UsedFolder, StringComparison.Ordinal)
                ? JsonSerializer.Deserialize<List<string>>(blob.Value.Content.ToMemory().Span, PipelineJson.Options)!
                : [.. RunRecords.ReadUses(blob.Value.Content.ToMemory())];
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return [];
        }
    }

    private static InvalidOperationException Deleted(string what) => new($"{what} is missing: the run's state was deleted under it.");

    private static string HeaderName(RunReference run) => $"{RunFolder(run)}/{HeaderFile}";

    private static string SimilarName(RunReference run, int round) =>
        string.Create(CultureInfo.InvariantCulture, $"{RunFolder(run)}/similar/{round}.json");

    private void KeepSimilar(RunReference run, string name, SimilarPictures found)
    {
        if (run.BatchSince is { } since) similar.Set((name, since), found);
    }

    private static string CancelName(RunReference run) => $"{RunFolder(run)}/{CancelFile}";

    private static string PageName(RunReference run, string digest, int page) =>
        string.Create(CultureInfo.InvariantCulture, $"{RunFolder(run)}/inventory/{digest}/{page:D6}.json");

    private static string ItemFolder(RunReference run, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{RunFolder(run)}/items/{index:D8}/");

    private static string RecordName(ItemReference item, string step) =>
        item.Tile == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{ItemFolder(item.Run, item.Index)}{step}.{item.Part:D5}.json")
            : string.Create(CultureInfo.InvariantCulture, $"{ItemFolder(item.Run, item.Index)}{step}.{item.Part:D5}.{item.Tile:D5}.json");

    private static string NodeName(SynthesisNode node) =>
        string.Create(CultureInfo.InvariantCulture, $"{RunFolder(node.Run)}/synthesis/{node.Level:D2}/{node.Group:D6}.record.json");

    private static string IllustrationName(RunReference run) => $"{RunFolder(run)}/synthesis/illustration.record.json";

    private static string GroupName(SynthesisNode node) =>
        string.Create(CultureInfo.InvariantCulture, $"synthesis/{node.Level:D2}/{node.Group:D6}.group");

    private static RecordKey IllustrationKey => new(null, 0, StepNames.GenerateImage, 0);

    private static RecordKey KeyOf(SynthesisNode node) => new(null, node.Group, StepNames.Synthesize, node.Level);

    private static long Weigh(StepRecord record) => 1000 + (record.Result?.GetRawText().Length ?? 0);

    /// <summary>The records of a run, as far as this process has read or written them.</summary>
    private RunRecords RecordsOf(RunReference run)
    {
        var folder = RunFolder(run);
        lock (gate) return written.GetValueOrDefault(folder) ?? read.GetOrAdd(folder, Create);
    }

    private RunRecords WrittenOf(RunReference run)
    {
        var folder = RunFolder(run);
        lock (gate)
        {
            if (written.TryGetValue(folder, out var there)) return there;
            return written[folder] = read.TryTake(folder, out var records) ? records : Create(folder);
        }
    }

    private RunRecords? FindWritten(RunReference run)
    {
        lock (gate) return written.GetValueOrDefault(RunFolder(run));
    }

    private RunRecords Create(string folder) => new(account, folder, readsApart: together, memory, time);

    private static Dictionary<string, string> Metadata(StepRecord record)
    {
        var metadata = new Dictionary<string, string>
        {
            ["status"] = record.Status.ToString(),
            ["parts"] = record.Parts.ToString(CultureInfo.InvariantCulture),
        };
        if (record.Tiles != 1) metadata["tiles"] = record.Tiles.ToString(CultureInfo.InvariantCulture);
        if (record.Failure is { } failure) metadata["code"] = failure.Code;
        if (record.CacheName is { } cacheName) metadata["cache"] = cacheName;
        return metadata;
    }

    /// <summary>A look for the cancel flag of a run.</summary>
    private sealed record CancelLook(Task<bool> Requested, long LookedAt);

    private async Task<ItemRecords> ReadItemRecordsAsync(
        InventoryItem item, List<string> names, RunRecords others, CancellationToken cancellationToken)
    {
        var records = (await others.ReadItemAsync(item.Index, cancellationToken)).ToList();
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

/// <summary>How a process stores the records of steps.</summary>
/// <param name="Together">
/// True where one process carries out a run and alone needs its records: then they are written together, every few seconds and at the end of each
/// slice. False where any process may do the next step: then each is stored before its step counts as done.
/// </param>
public sealed record RecordKeeping(bool Together);
