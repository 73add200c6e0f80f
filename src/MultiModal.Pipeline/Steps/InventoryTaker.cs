using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Admission;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Steps;

/// <summary>
/// Takes a run's inventory: lists the batch, hashes each blob by streaming, determines kinds by content, and groups equal content.
/// Unchanged blobs that the batch's last inventory knows are not read again.
/// </summary>
internal sealed class InventoryTaker(
    RunStore runs, BatchResults results, InboxListing listing, BatchWake wake, InboxReader inbox, BatchAdmission admission,
    IOptions<PipelineOptions> options, IOptions<ImageOptions> imageOptions, TimeProvider time)
{
    private const int ReadSize = 128 << 10;

    /// <summary>Returns the inventory that this run would find now, without writing anything.</summary>
    public async Task<(InventoryHeader Header, IReadOnlyList<InventoryItem> Items)> SurveyAsync(
        RunReference run, CancellationToken cancellationToken) =>
        await SurveyAsync(run, time.GetUtcNow(), await listing.ListBatchAsync(run.Batch, cancellationToken), cancellationToken);

    private async Task<(InventoryHeader Header, IReadOnlyList<InventoryItem> Items)> SurveyAsync(
        RunReference run, DateTimeOffset started, IReadOnlyList<InboxBlob> blobs, CancellationToken cancellationToken)
    {
        var header = new InventoryHeader
        {
            Count = 0, Digest = InboxListing.Digest(blobs), Ignored = 0, StartedAt = started, Options = BatchOptions.Default,
            NearDuplicates = imageOptions.Value.NearDuplicates,
        };

        var reserved = blobs.FirstOrDefault(b => b.Name == BatchOptionsFile.BlobName(run.Batch));
        if (reserved is not null)
        {
            var parsed = await ReadOptionsAsync(reserved, cancellationToken);
            if (!parsed.Succeeded) return (header with { Failure = parsed.Failure }, []);
            header = header with { Options = parsed.Value.Options, Notes = parsed.Value.Notes };
        }

        var files = blobs.Where(b => b != reserved && !IgnoreRules.IsIgnored(b.Name, b.Bytes, listing.IgnorePatterns)).ToList();
        var items = await DescribeAllAsync(run, files, cancellationToken);
        return (header with { Count = items.Length, Ignored = blobs.Count - files.Count - (reserved is null ? 0 : 1) }, items);
    }

    /// <summary>Takes the inventory and writes it; if another try was faster, its inventory counts.</summary>
    public async Task<InventoryHeader> TakeAsync(RunReference run, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        var look = await wake.TakeLookAsync(run.Batch, cancellationToken);
        var (header, items) = await SurveyAsync(run, started, look.Blobs, cancellationToken);
        runs.NoteListed(run, look.Began);
        for (var page = 0; page * SliceReference.Size < items.Count; page++)
        {
            await runs.WritePageAsync(
                run, header.Digest, page, [.. items.Skip(page * SliceReference.Size).Take(SliceReference.Size)], cancellationToken);
        }

        return await runs.WriteHeaderAsync(run, header, cancellationToken);
    }

    private async Task<Outcome<GrantedOptions>> ReadOptionsAsync(InboxBlob blob, CancellationToken cancellationToken)
    {
        var opened = await inbox.OpenAsync(blob.Name, blob.ETag, cancellationToken);
        if (!opened.Succeeded) return opened.Failure;
        await using var content = opened.Value;
        var parsed = await BatchOptionsFile.ParseAsync(content, cancellationToken);
        return parsed.Succeeded ? admission.Admit(parsed.Value) : parsed.Failure;
    }

    private async Task<InventoryItem[]> DescribeAllAsync(RunReference run, List<InboxBlob> files, CancellationToken cancellationToken)
    {
        var earlier = await ReadEarlierAsync(run, cancellationToken);
        var settled = run.Scope == RunScope.Failed ? await ReadSettledAsync(run, cancellationToken) : [];
        var items = new InventoryItem[files.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.MaxParallelHashes, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, files.Count, parallel, async (index, token) =>
        {
            var file = files[index];
            var known = earlier.GetValueOrDefault(file.Name);
            var item = known is { Hash: not null } && known.ETag == file.ETag && known.Bytes == file.Bytes
                ? known with { Index = index, DuplicateOf = null, CarriedFrom = null, CarriedIndex = null }
                : await ReadAsync(index, NameWithin(run.Batch, file.Name), file, token);
            var carried = known is not null && known.Hash == item.Hash && known.DuplicateOf is null && settled.Contains(known.Name);
            items[index] = carried ? item with { CarriedFrom = run.RunSeq - 1, CarriedIndex = known!.Index } : item;
        });

        MarkDuplicates(items);
        return items;
    }

    private static string NameWithin(BatchName batch, string blobName) =>
        blobName.Length > batch.Value.Length ? blobName[(batch.Value.Length + 1)..] : blobName;

    private async Task<Dictionary<string, InventoryItem>> ReadEarlierAsync(RunReference run, CancellationToken cancellationToken)
    {
        var earlier = new Dictionary<string, InventoryItem>(StringComparer.Ordinal);
        var last = run with { RunSeq = run.RunSeq - 1 };
        if (last.RunSeq > 0 && await runs.ReadHeaderAsync(last, cancellationToken) is { } header)
        {
            await foreach (var item in runs.ReadItemsAsync(last, header.Count, cancellationToken)) earlier[item.BlobName] = item;
        }

        return earlier;
    }

    /// <summary>Reads the names of the items that succeeded in the previous run, from its report.</summary>
    private async Task<HashSet<string>> ReadSettledAsync(RunReference run, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"runs/{run.RunSeq - 1}/report.json");
        try
        {
            var blob = await results.LocateAsync(run.Batch, path, cancellationToken);
            await using var content = await blob.OpenReadAsync(cancellationToken: cancellationToken);
            var report = await JsonSerializer.DeserializeAsync<SettledReport>(content, PipelineJson.Options, cancellationToken);
            return [.. report?.Items.Where(i => i.Status == "succeeded").Select(i => i.Name) ?? []];
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return [];
        }
    }

    private async Task<InventoryItem> ReadAsync(int index, string name, InboxBlob file, CancellationToken cancellationToken)
    {
        var item =
            new InventoryItem { Index = index, Name = name, BlobName = file.Name, ETag = file.ETag, Bytes = file.Bytes, Kind = ItemKind.Unsupported };
        if (file.Bytes == 0) return item with {
            Failure = new Failure(FailureCodes.EmptyFile, "The file is empty. It may not have been uploaded completely.") };

        if (inbox.OpenCopy(file) is { } own)
        {
            await using (own) return await DescribeAsync(item, own, copy: null, cancellationToken);
        }

        var opened = await inbox.OpenAsync(file.Name, file.ETag, cancellationToken);
        if (!opened.Succeeded) return item with { Failure = opened.Failure };
        await using var content = opened.Value;
        await using var copy = inbox.BeginCopy(file.Name, file.Bytes);

        var described = await InboxReader.WatchAsync<InventoryItem>(async () => await DescribeAsync(item, content, copy, cancellationToken));
        return described.Succeeded ? described.Value : item with { Failure = described.Failure };
    }

    private static async Task<InventoryItem> DescribeAsync(
        InventoryItem item, Stream content, InboxCopy? copy, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        var head = new byte[Math.Min(ContentSniffer.HeadLength, item.Bytes)];
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long total = 0;
            for (int read; (read = await content.ReadAsync(buffer.AsMemory(0, ReadSize), cancellationToken)) > 0; total += read)
            {
                hash.AppendData(buffer, 0, read);
                if (copy is not null) await copy.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                if (total < head.Length) buffer.AsSpan(0, (int)Math.Min(read, head.Length - total)).CopyTo(head.AsSpan((int)total));
            }

            var sniffed = ContentSniffer.Sniff(head, item.Name, item.Bytes);
            if (copy is not null && total == item.Bytes && sniffed is { Unsupported: null, Kind: not ItemKind.Unsupported }) await copy.KeepAsync(item.ETag);
            return item with
            {
                Hash = ContentHash.FromDigest(hash.GetHashAndReset()),
                Kind = sniffed.Kind,
                MediaType = sniffed.MediaType,
                Failure = sniffed.Unsupported,
            };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void MarkDuplicates(InventoryItem[] items)
    {
        var first = new Dictionary<ContentHash, int>();
        for (var index = 0; index < items.Length; index++)
        {
            if (items[index].Hash is { } hash && !first.TryAdd(hash, index)) items[index] = items[index] with { DuplicateOf = first[hash] };
        }
    }

    private sealed record SettledReport(IReadOnlyList<SettledItem> Items);

    private sealed record SettledItem(string Name, string Status);
}
