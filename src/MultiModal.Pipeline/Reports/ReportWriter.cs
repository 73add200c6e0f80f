using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Synthesis;

namespace MultiModal.Pipeline.Reports;

/// <summary>
/// Writes the results of a run. Items are read once, in order, and spooled to a temporary file, because the first values of a report
/// (status, cost) are known last; memory stays bounded however many items there are. Blobs appear complete or not at all: a stream
/// written straight into a blob would show an empty report for a moment. A run may write its report again.
/// </summary>
public sealed partial class ReportWriter(
    MediaAccount account, RunStore runs, CostLedger ledger, WorkFolder workFolder, TimeProvider time, ILogger<ReportWriter> logger)
{
    /// <summary>Metadata of a batch's report: number of the run that wrote it.</summary>
    public const string RunSeqMetadata = "runseq";

    /// <summary>Metadata of a batch's report: <see cref="InventoryHeader.Digest"/> of that run.</summary>
    public const string InventoryDigestMetadata = "inventorydigest";

    private const int CachedReports = 2000;
    private const int UploadsAhead = 16;
    private const int FlushedBytes = 1 << 16;
    private const string JsonType = "application/json";
    private const string MarkdownType = "text/markdown; charset=utf-8";

    // Reasons for a missing synthesis, or for a missing picture of it, that do not affect the run's status.
    private static readonly string[] FineWithoutSynthesis = [FailureCodes.SupersededRun, FailureCodes.NothingToSynthesize, FailureCodes.EngineOff];

    private static readonly StorageTransferOptions Transfer =
        new() { InitialTransferSize = 4 << 20, MaximumTransferSize = 4 << 20, MaximumConcurrency = 2 };

    /// <summary>The reports that this process has published lately.</summary>
    private readonly RecentlyUsed<string, (ETag ETag, int RunSeq)> published = new(CachedReports, _ => 1);

    /// <summary>Returns the folder for a run's files among the batch's results, within the results container.</summary>
    public static string RunFolder(RunReference run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return $"{run.Batch.ResultsFolder}/{RunPath(run)}";
    }

    /// <summary>The folder for a run's files within the batch's results.</summary>
    private static string RunPath(RunReference run) => string.Create(CultureInfo.InvariantCulture, $"runs/{run.RunSeq}");

    /// <exception cref="InvalidOperationException">The run has no inventory.</exception>
    public async Task<RunResult> WriteAsync(RunReference run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var header = await runs.ReadHeaderAsync(run, cancellationToken)
            ?? throw new InvalidOperationException("A report was asked for before there was an inventory.");
        var cancelled = await runs.IsCancelRequestedAsync(run, cancellationToken);
        var tally = new RunTally();
        await using var spool = workFolder.OpenFile();
        if (header.Failure is null) await SpoolAsync(run, header, cancelled, tally, spool, cancellationToken);
        await foreach (var record in runs.ReadNodeRecordsAsync(run, cancellationToken)) tally.Add(record);

        // Before the ledger is read: what was settled by then is in the report, and what is settled later is not.
        var completed = time.GetUtcNow();
        if (tally.MayHaveSpent) await ReconcileAsync(run, header, tally, cancellationToken);

        var report = await HeadAsync(run, header, cancelled, completed, tally, cancellationToken);
        await using var json = workFolder.OpenFile();
        await WriteJsonAsync(json, report, spool, cancellationToken);
        await using var markdown = workFolder.OpenFile();
        await WriteMarkdownAsync(markdown, report, folder: "", spool, cancellationToken);

        // The report in the run's own folder has the picture beside it, which the latest one finds from a folder above.
        await using var ofRun = report.Illustration?.File is null ? null : workFolder.OpenFile();
        if (ofRun is not null) await WriteMarkdownAsync(ofRun, report, RunPath(run), spool, cancellationToken);

        await UploadAsync($"{RunFolder(run)}/report.json", json, JsonType, metadata: null, conditions: null, cancellationToken);
        await UploadAsync($"{RunFolder(run)}/report.md", ofRun ?? markdown, MarkdownType, metadata: null, conditions: null, cancellationToken);
        var newest = await PublishAsync($"{run.Batch.ResultsFolder}/report.md", markdown, MarkdownType, run, header, cancellationToken)
            && await PublishAsync($"{run.Batch.ResultsFolder}/report.json", json, JsonType, run, header, cancellationToken);
        if (newest) LogWritten(run.Batch.Value, run.RunSeq, report.Status, report.Cost.SpentUsd, report.Timing.WallClockMs);
        else LogOutrun(run.Batch.Value, run.RunSeq);
        return new RunResult(run.RunSeq, report.Status, header.Digest);
    }

    /// <summary>
    /// Reconciles the tally with the ledger. Every step of the run has ended, so the owner of a reservation that is still open has died or
    /// is paused. If it settles its call later, the report stays as it is.
    /// </summary>
    private async Task ReconcileAsync(RunReference run, InventoryHeader header, RunTally tally, CancellationToken cancellationToken)
    {
        decimal settled = 0, unknown = 0;
        await foreach (var entry in ledger.ReadRunAsync(run, header.StartedAt, cancellationToken))
        {
            if (entry.State == LedgerState.Settled) settled += entry.CostUsd ?? 0;
            else if (entry.State != LedgerState.Saved) unknown += entry.EstimatedUsd ?? 0;
        }

        tally.Reconcile(settled, unknown);
    }

    /// <summary>Writes one line of JSON for each item, and the details and captions at the same time.</summary>
    private async Task SpoolAsync(
        RunReference run, InventoryHeader header, bool cancelled, RunTally tally, FileStream spool, CancellationToken cancellationToken)
    {
        var similar = (await runs.ReadSimilarAsync(run, cancellationToken)).ByIndex();
        var wanted = similar.Values.Select(picture => picture.Of).ToHashSet();
        await foreach (var item in runs.ReadItemsAsync(run, header.Count, cancellationToken))
        {
            if (item.DuplicateOf is { } original) wanted.Add(original);
        }

        var originals = new Dictionary<int, (ReportItem Item, bool Partly)>();
        var uploads = new Queue<Task>(UploadsAhead);
        try
        {
            await foreach (var (item, records) in runs.ReadItemsWithRecordsAsync(run, header.Count, cancellationToken))
            {
                ReportItem reported;
                if (item.DuplicateOf is { } index)
                {
                    var original = originals[index];
                    reported = ReportedItem.Duplicate(item, original.Item);
                    tally.Add(reported.Status, original.Partly);
                }
                else if (similar.TryGetValue(item.Index, out var picture))
                {
                    var original = originals[picture.Of];
                    reported = ReportedItem.Similar(ItemAssembler.Assemble(item, records, cancelled), original.Item, picture.Distance);
                    foreach (var record in records) tally.Add(record);
                    tally.Add(reported.Status, original.Partly);
                    if (wanted.Contains(item.Index)) originals[item.Index] = (reported, original.Partly);
                }
                else
                {
                    var assembled = ItemAssembler.Assemble(item, records, cancelled);
                    var (shown, detail, captioned) = ReportedItem.Create(run, assembled);
                    reported = shown;
                    foreach (var record in records) tally.Add(record);
                    tally.Add(reported.Status, assembled.Lost.Count > 0);
                    if (wanted.Contains(item.Index)) originals[item.Index] = (reported, assembled.Lost.Count > 0);
                    if (detail is not null)
                    {
                        if (uploads.Count == UploadsAhead) await uploads.Dequeue();
                        uploads.Enqueue(WriteDetailAsync(run, item.Index, detail, captioned, cancellationToken));
                    }
                }

                await JsonSerializer.SerializeAsync(spool, reported, PipelineJson.Options, cancellationToken);
                spool.WriteByte((byte)'\n');
            }
        }
        finally
        {
            await Task.WhenAll(uploads);
        }
    }

    private async Task WriteDetailAsync(RunReference run, int index, ItemDetail detail, Transcript? captioned, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{RunFolder(run)}/items/{index}");
        if (captioned is not null)
        {
            await WriteAsync($"{name}.vtt", Encoding.UTF8.GetBytes(Captions.ToWebVtt(captioned)), "text/vtt; charset=utf-8", cancellationToken);
            await WriteAsync(
                $"{name}.srt", Encoding.UTF8.GetBytes(Captions.ToSubRip(captioned)), "application/x-subrip; charset=utf-8", cancellationToken);
        }

        await WriteAsync($"{name}.json", JsonSerializer.SerializeToUtf8Bytes(detail, PipelineJson.Options), JsonType, cancellationToken);
    }

    private async Task<Report> HeadAsync(
        RunReference run, InventoryHeader header, bool cancelled, DateTimeOffset completed, RunTally tally, CancellationToken cancellationToken)
    {
        var (synthesis, reason) = header.Failure is { } failure ? (null, failure) : await SynthesisAsync(run, cancelled, cancellationToken);
        var illustration = header is { Failure: null, Options.Illustration: not null }
            ? ReportIllustration.Create(run, await runs.ReadIllustrationRecordAsync(run, cancellationToken), cancelled)
            : null;
        var lacks = synthesis is { Note: not null } || (reason is not null && !FineWithoutSynthesis.Contains(reason.Code))
            || (illustration?.Error is { } error && !FineWithoutSynthesis.Contains(error.Code));
        return new Report
        {
            Batch = run.Batch,
            RunSeq = run.RunSeq,
            InventoryDigest = header.Digest,
            Status = header.Failure is not null ? RunStatus.Failed : tally.Status(cancelled, lacks),
            StartedAt = header.StartedAt,
            CompletedAt = completed,
            Error = ReportError.FromFailure(header.Failure),
            Options = header.Options with { Webhook = null },
            Notes = header.Notes,
            Synthesis = synthesis,
            SynthesisReason = ReportError.FromFailure(reason),
            Illustration = illustration,
            Ignored = header.Ignored,
            Cost = tally.Cost,
            Timing = tally.Timing(completed - header.StartedAt),
        };
    }

    private async Task<(ReportSynthesis? Synthesis, Failure? Reason)> SynthesisAsync(
        RunReference run, bool cancelled, CancellationToken cancellationToken)
    {
        var outcome = await FinishedSynthesis.ReadAsync(runs, run, cancelled, cancellationToken);
        if (!outcome.Succeeded) return (null, outcome.Failure);
        var (document, engine, lost) = outcome.Value;
        var missing = lost.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"{lost.Count} groups of items are missing from it ({string.Join(", ", lost.Select(l => l.Failure.Code).Distinct())}).");
        var cut = document.Cut ? $"It ends where the model's answer reached its maximum length ({FailureCodes.AnswerCut})." : null;
        var note = missing is null ? cut : cut is null ? missing : $"{missing} {cut}";
        return (new ReportSynthesis(
            document.Title, document.Summary, document.KeyPoints, document.Topics, document.ActionItems, document.Language, engine, note),
            null);
    }

    /// <summary>Writes the report in the form of its type, with the items streamed from the spool.</summary>
    private static async Task WriteJsonAsync(FileStream json, Report report, FileStream spool, CancellationToken cancellationToken)
    {
        await using var writer = new Utf8JsonWriter(json);
        writer.WriteStartObject();
        foreach (var property in JsonSerializer.SerializeToElement(report, PipelineJson.Options).EnumerateObject())
        {
            if (property.Name != "items")
            {
                property.WriteTo(writer);
                continue;
            }

            writer.WriteStartArray(property.Name);
            await foreach (var line in ReadLinesAsync(spool, cancellationToken))
            {
                writer.WriteRawValue(line, skipInputValidation: true);
                if (writer.BytesPending > FlushedBytes) await writer.FlushAsync(cancellationToken);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <param name="markdown">The file that is written.</param>
    /// <param name="report">The report; its items are in the spool.</param>
    /// <param name="folder">Folder of the file within the batch's results.</param>
    /// <param name="spool">The items.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    private static async Task WriteMarkdownAsync(
        FileStream markdown, Report report, string folder, FileStream spool, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(markdown, leaveOpen: true);
        await ReportMarkdown.WriteAsync(writer, report, folder, () => ReadSpoolAsync(spool, cancellationToken), cancellationToken);
    }

    private static async IAsyncEnumerable<ReportItem> ReadSpoolAsync(FileStream spool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in ReadLinesAsync(spool, cancellationToken))
        {
            yield return JsonSerializer.Deserialize<ReportItem>(line, PipelineJson.Options)!;
        }
    }

    private static async IAsyncEnumerable<string> ReadLinesAsync(FileStream spool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await spool.FlushAsync(cancellationToken);
        spool.Position = 0;
        using var reader = new StreamReader(spool, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellationToken) is { } line) yield return line;
    }

    /// <returns>False if a newer run's report is there.</returns>
    private async Task<bool> PublishAsync(
        string name, FileStream content, string contentType, RunReference run, InventoryHeader header, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, string>
        {
            [RunSeqMetadata] = run.RunSeq.ToString(CultureInfo.InvariantCulture),
            [InventoryDigestMetadata] = header.Digest,
        };
        for (var isFirstTry = true; ; isFirstTry = false)
        {
            // A batch's first run expects no report, and a later one that of this process. A condition that is not met shows who was wrong.
            var there = !isFirstTry ? await PublishedAsync(name, cancellationToken)
                : published.TryGet(name, out var own) ? own
                : run.RunSeq == 1 ? null
                : await PublishedAsync(name, cancellationToken);
            if (there is { RunSeq: var runSeq } && runSeq > run.RunSeq) return false;
            try
            {
                var conditions = there is { ETag: var etag }
                    ? new BlobRequestConditions { IfMatch = etag }
                    : new BlobRequestConditions { IfNoneMatch = ETag.All };
                published.Set(name, (await UploadAsync(name, content, contentType, metadata, conditions, cancellationToken), run.RunSeq));
                return true;
            }
            catch (RequestFailedException e) when (e.IsConditionNotMet())
            {
                // Another writer was faster since the last look, so look again.
            }
        }
    }

    private async Task<(ETag ETag, int RunSeq)?> PublishedAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var properties = (await account.Results.GetBlobClient(name).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            var runSeq = properties.Metadata.TryGetValue(RunSeqMetadata, out var text)
                && int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;
            return (properties.ETag, runSeq);
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task WriteAsync(string name, byte[] content, string contentType, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = contentType } };
        await account.Results.GetBlobClient(name).UploadAsync(new BinaryData(content), options, cancellationToken);
    }

    private async Task<ETag> UploadAsync(
        string name, FileStream content, string contentType, Dictionary<string, string>? metadata, BlobRequestConditions? conditions,
        CancellationToken cancellationToken)
    {
        content.Position = 0;
        var options = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = contentType },
            Metadata = metadata,
            Conditions = conditions,
            TransferOptions = Transfer,
        };
        return (await account.Results.GetBlobClient(name).UploadAsync(content, options, cancellationToken)).Value.ETag;
    }

    [LoggerMessage(LogLevel.Information, "{Batch} run {RunSeq}: report written, {Status}, {SpentUsd} USD, {WallClockMs} ms")]
    private partial void LogWritten(string batch, int runSeq, RunStatus status, decimal spentUsd, long wallClockMs);

    [LoggerMessage(LogLevel.Information, "{Batch} run {RunSeq}: a newer run has written its report, so this report is only in the run's own folder")]
    private partial void LogOutrun(string batch, int runSeq);
}
