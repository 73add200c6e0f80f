using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using AzureOpenAISimulator;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Faults.Tests;

/// <summary>What docs/reliability.md promises, checked on an account that has come to rest.</summary>
internal sealed class Invariants(string connectionString, SimulatorServer simulator)
{
    private readonly MediaAccount account = MediaAccount.Open(new StorageOptions { ConnectionString = connectionString });
    private readonly InboxListing listing = new(
        MediaAccount.Open(new StorageOptions { ConnectionString = connectionString }), Options.Create(new PipelineOptions()));

    /// <summary>Waits until every batch of the inbox is at rest by itself, its last run having seen what is there.</summary>
    public async Task<IReadOnlyList<BatchName>> AtRestAsync(ChildProcess host, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        var store = new BatchStore(account);
        List<BatchCard> busy = [];
        try
        {
            return await Eventually.IsAsync("all batches at rest", async () =>
            {
                host.MustRun();
                var start = Stopwatch.GetTimestamp();
                var rested = await RestedAsync();

                // Listings of thousands would leave the host little of Azurite's time.
                if (rested is null) await Task.Delay(Stopwatch.GetElapsedTime(start) * 4, cancellationToken);
                return rested;
            }, limit);
        }
        catch (TimeoutException e)
        {
            var last = busy.Count > 0 ? string.Join("; ", busy) : "all that have a state are at rest, but the inbox holds something else";
            throw new TimeoutException($"{e.Message} Seen last: {last}.", e);
        }

        async Task<IReadOnlyList<BatchName>?> RestedAsync()
        {
            var cards = (await store.ListAsync(null, null, cancellationToken)).ToDictionary(c => c.Batch);
            busy = [.. cards.Values.Where(c => c.Phase != BatchPhase.Resting)];
            if (busy.Count > 0) return null; // without a listing, which takes its time where there are many blobs
            var inbox = await InboxAsync(cancellationToken);
            return inbox.All(b => cards.GetValueOrDefault(b.Key)?.LastDigest == InboxListing.Digest(b.Value)) ? [.. inbox.Keys] : null;
        }
    }

    /// <summary>1 and 2, of each batch; 3, of the account; and that reports and ledger name the same sums.</summary>
    /// <param name="batches">All that the inbox holds.</param>
    /// <param name="overslept">Calls that a process had under way when it was paused past its leases: another may have asked again meanwhile, and
    /// both know what they paid.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public async Task HoldAsync(IReadOnlyList<BatchName> batches, int overslept = 0, CancellationToken cancellationToken = default)
    {
        var lines = await ReadLedgerAsync(cancellationToken);
        var inbox = await InboxAsync(cancellationToken);
        foreach (var batch in batches)
        {
            await HoldsForAsync(batch, inbox.GetValueOrDefault(batch, []), cancellationToken);
            await CostsAgreeAsync(batch, lines, cancellationToken);
        }

        NothingIsPaidTwice(lines, overslept);
    }

    /// <summary>Calls of which nobody has said yet how they ended.</summary>
    public async Task<int> CallsUnderWayAsync() => (await ReadLedgerAsync(CancellationToken.None)).Count(l => l.State == LedgerState.Reserved);

    private async Task HoldsForAsync(BatchName batch, IReadOnlyList<InboxBlob> there, CancellationToken cancellationToken)
    {
        var properties = (await account.Results.GetBlobClient($"{batch.ResultsFolder}/report.json").DownloadContentAsync(cancellationToken)).Value;
        var text = properties.Content.ToString();
        await ReportSchema.HoldsAsync(text);
        var report = JsonSerializer.Deserialize<Report>(text, PipelineJson.Options)!;

        var ignored = there.Count(b => IgnoreRules.IsIgnored(b.Name, b.Bytes, listing.IgnorePatterns));
        var expected = there.Where(b => !IgnoreRules.IsIgnored(b.Name, b.Bytes, listing.IgnorePatterns) && b.Name != BatchOptionsFile.BlobName(batch))
            .Select(b => b.ETag);
        Assert.Equal(InboxListing.Digest(there), report.InventoryDigest);
        Assert.Equal(ignored, report.Ignored);
        if (report.Error is null) Assert.Equal(expected.Order(), report.Items.Select(i => i.ETag).Order());

        Assert.Equal($"{report.RunSeq}", properties.Details.Metadata[ReportWriter.RunSeqMetadata]);
        Assert.Equal((await RunsAsync(batch, cancellationToken)).Max(), report.RunSeq);
    }

    private async Task<List<int>> RunsAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var runs = new List<int>();
        await foreach (var blob in account.Results.GetBlobsAsync(
            new Azure.Storage.Blobs.Models.GetBlobsOptions { Prefix = $"{batch.ResultsFolder}/runs/" }, cancellationToken))
        {
            var parts = blob.Name[(batch.ResultsFolder.Length + 6)..].Split('/');
            if (parts is [var run, "report.json"]) runs.Add(int.Parse(run, CultureInfo.InvariantCulture));
        }

        return runs;
    }

    /// <summary>
    /// Of every run that came to a report, the ledger had settled exactly what the report says was spent when it was written. A call that
    /// was settled later (its process had been paused) is in the report as unknown, at its estimate.
    /// </summary>
    private async Task CostsAgreeAsync(BatchName batch, IReadOnlyList<LedgerEntry> lines, CancellationToken cancellationToken)
    {
        var written = await ReadTimesOfWritingAsync(cancellationToken);
        foreach (var run in await RunsAsync(batch, cancellationToken))
        {
            var report = (await account.Results.ReadJsonAsync<Report>(
                string.Create(CultureInfo.InvariantCulture, $"{batch.ResultsFolder}/runs/{run}/report.json"), cancellationToken))!.Value;
            var settled = lines.Where(l => l.Batch == batch.Value && l.RunSeq == run && l.State == LedgerState.Settled)
                .OrderBy(l => written[l.Id]).ToList();
            var inTime = settled.Count(l => written[l.Id] <= report.CompletedAt);

            // The report reads the ledger a moment after that time: it may have seen the first of the later ones, and then all before it.
            var agrees = Enumerable.Range(inTime, settled.Count - inTime + 1).Any(seen =>
                settled.Take(seen).Sum(l => l.CostUsd ?? 0) == report.Cost.SpentUsd
                && settled.Skip(seen).Where(l => l.ReservedAt <= report.CompletedAt).Sum(l => l.EstimatedUsd ?? 0) <= report.Cost.UnknownUsd);
            Assert.True(agrees, string.Create(
                CultureInfo.InvariantCulture,
                $"{batch.Value} run {run}: {report.Cost.SpentUsd} USD spent and {report.Cost.UnknownUsd} unknown in the report; "
                    + $"the ledger had settled {settled.Take(inTime).Sum(l => l.CostUsd)} by then, and {settled.Skip(inTime).Sum(l => l.CostUsd)} later."));
        }
    }

    /// <summary>When each line of the ledger was last written, by the clock of the table service.</summary>
    private async Task<Dictionary<string, DateTimeOffset>> ReadTimesOfWritingAsync(CancellationToken cancellationToken)
    {
        var table = new TableServiceClient(connectionString).GetTableClient(CostLedger.TableName);
        var times = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        try
        {
            await foreach (var row in table.QueryAsync<TableEntity>(select: ["RowKey", "Timestamp"], cancellationToken: cancellationToken))
            {
                times[row.RowKey] = row.Timestamp!.Value;
            }
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            // Nothing was paid.
        }

        return times;
    }

    /// <summary>A question whose answer arrived is asked again only where the ledger has a call of unknown end to show for it.</summary>
    private void NothingIsPaidTwice(IReadOnlyList<LedgerEntry> ledger, int overslept)
    {
        var settled = ledger.Count(l => l.State == LedgerState.Settled);
        var open = ledger.Count(l => l.State is not (LedgerState.Settled or LedgerState.Saved));
        var lines = simulator.Bill.Lines;
        var again = lines.GroupBy(l => (l.Deployment, l.RequestHash)).Sum(g => Math.Max(0, g.Count(l => l.Delivered) - 1));
        Assert.True(again <= open + overslept, $"{again} answers were paid for again, and only {open} calls of unknown end are in the ledger.");
        Assert.True(
            lines.Count <= settled + open, $"{lines.Count} calls were billed, and {settled} settled and {open} unknown ones are in the ledger.");
        Figures = new BillFigures(lines.Count, again, settled, open);
    }

    private async Task<IReadOnlyList<LedgerEntry>> ReadLedgerAsync(CancellationToken cancellationToken)
    {
        var ledger = new CostLedger(
            new TableServiceClient(connectionString), Options.Create(new BudgetOptions()), Options.Create(new PipelineOptions()),
            Options.Create(new AiOptions()), TimeProvider.System);
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var lines = new List<LedgerEntry>();
        await foreach (var line in ledger.ReadAsync(today.AddDays(-1), today.AddDays(1), cancellationToken)) lines.Add(line);
        return lines;
    }

    /// <summary>What the last check of the bill saw.</summary>
    public BillFigures? Figures { get; private set; }

    /// <summary>Every batch's blobs in the order of their names, from one listing: a listing for each of thousands would not end.</summary>
    private async Task<Dictionary<BatchName, List<InboxBlob>>> InboxAsync(CancellationToken cancellationToken)
    {
        var inbox = new Dictionary<BatchName, List<InboxBlob>>();
        await foreach (var blob in listing.ListAllAsync(cancellationToken))
        {
            if (!BatchName.FromBlob(blob.Name, 1, out var batch)) continue;
            if (!inbox.TryGetValue(batch, out var blobs)) inbox[batch] = blobs = [];
            blobs.Add(blob);
        }

        foreach (var blobs in inbox.Values) blobs.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return inbox;
    }
}
