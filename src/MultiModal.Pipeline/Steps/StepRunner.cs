using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Steps;

/// <summary>
/// The common behaviour of all item steps: a cancelled run does nothing more, work that this run has done is not repeated, and every step
/// has a time limit and a record of how it ended.
/// </summary>
internal sealed partial class StepRunner(RunStore runs, IOptions<PipelineOptions> options, TimeProvider time, ILogger<StepRunner> logger)
{
    /// <summary>Adds the identity of the step to every line that is logged during it, however deep the code that logs.</summary>
    private static readonly Func<ILogger, string, int, string, int, string?, IDisposable?> Scope =
        LoggerMessage.DefineScope<string, int, string, int, string?>("{Batch} run {RunSeq}, {Step} part {Part} of {Item}");

    public async Task<StepResult> RunAsync(
        ItemReference item, string step, Func<InventoryItem, CancellationToken, Task<StepWork>> body, CancellationToken cancellationToken)
    {
        var record = await runs.ReadRecordAsync(item, step, cancellationToken);
        if (record is { Status: StepStatus.Succeeded }) return record.ToResult();

        var subject = await runs.ReadItemAsync(item, cancellationToken);
        using var scope = Scope(logger, VisibleText.Of(item.Run.Batch.Value), item.Run.RunSeq, step, item.Part, VisibleText.Of(subject.Name));
        record = await CarryOverAsync(item, subject, step, cancellationToken)
            ?? await TimeAsync(
                step, item.Part, await CancelledAsync(item.Run, cancellationToken) ?? (token => body(subject, token)), cancellationToken);
        record = record with { Tile = item.Tile };

        // A process that was paused past its leases may return late; the result that another one achieved meanwhile is kept.
        if (record.Failure is not null
            && await runs.ReadRecordAsync(item, step, cancellationToken) is { Status: StepStatus.Succeeded } achieved) return achieved.ToResult();
        await runs.WriteRecordAsync(item, record, cancellationToken);
        Log(item.Run, subject.Name, subject.Hash, record);
        return record.ToResult();
    }

    public async Task<StepResult> RunAsync(
        SynthesisNode node, string step, Func<CancellationToken, Task<StepWork>> body, CancellationToken cancellationToken)
    {
        var record = await runs.ReadNodeRecordAsync(node, cancellationToken);
        if (record is { Status: StepStatus.Succeeded }) return record.ToResult();

        using var scope = Scope(logger, node.Run.Batch.Value, node.Run.RunSeq, step, node.Group, null);
        record = await TimeAsync(step, node.Group, await CancelledAsync(node.Run, cancellationToken) ?? body, cancellationToken);
        await runs.WriteNodeRecordAsync(node, record, cancellationToken);
        Log(node.Run, item: null, hash: null, record);
        return record.ToResult();
    }

    /// <summary>Runs the step that makes the picture of the report, which comes after all others.</summary>
    public async Task<StepResult> RunAsync(
        RunReference run, string step, Func<CancellationToken, Task<StepWork>> body, CancellationToken cancellationToken)
    {
        var record = await runs.ReadIllustrationRecordAsync(run, cancellationToken);
        if (record is { Status: StepStatus.Succeeded }) return record.ToResult();

        using var scope = Scope(logger, VisibleText.Of(run.Batch.Value), run.RunSeq, step, 0, null);
        record = await TimeAsync(step, part: 0, await CancelledAsync(run, cancellationToken) ?? body, cancellationToken);
        await runs.WriteIllustrationRecordAsync(run, record, cancellationToken);
        Log(run, item: null, hash: null, record);
        return record.ToResult();
    }

    private async Task<Func<CancellationToken, Task<StepWork>>?> CancelledAsync(RunReference run, CancellationToken cancellationToken) =>
        await runs.IsCancelRequestedAsync(run, cancellationToken)
            ? _ => Task.FromResult(StepWork.Failed(new Failure(FailureCodes.Cancelled, "The run was cancelled before this step.")))
            : null;

    private async Task<StepRecord?> CarryOverAsync(ItemReference item, InventoryItem subject, string step, CancellationToken cancellationToken)
    {
        if (subject.CarriedFrom is not { } runSeq || subject.CarriedIndex is not { } index) return null;
        var earlier = await runs.ReadRecordAsync(item with { Run = item.Run with { RunSeq = runSeq }, Index = index }, step, cancellationToken);
        return earlier is not { Status: StepStatus.Succeeded } ? null : earlier with
        {
            Cache = earlier.Engine is null ? earlier.Cache : CacheOutcome.Hit,
            Attempts = [],
            StartedAt = time.GetUtcNow(),
            DurationMs = 0,
            WaitedMs = 0,
            Usage = Ai.Usage.None,
            Estimate = null,
            EstimatedUsd = null,
            CostUsd = 0,
            SavedByOptimizingUsd = 0,
            SavedByCacheUsd = earlier.CostUsd + earlier.SavedByCacheUsd,
        };
    }

    private async Task<StepRecord> TimeAsync(string step, int part, Func<CancellationToken, Task<StepWork>> body, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        var stamp = time.GetTimestamp();
        var waited = TimeInLine.Count();
        using var limit = new CancellationTokenSource(options.Value.StepTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        StepWork work;
        try
        {
            work = await body(linked.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            work = StepWork.Failed(
                new Failure(FailureCodes.StepTimedOut, $"The step did not end within {options.Value.StepTimeout}.", Retryable: true));
        }

        return new StepRecord(work)
        {
            Step = step,
            Part = part,
            Status = StatusOf(work.Failure),
            StartedAt = started,
            DurationMs = (long)time.GetElapsedTime(stamp).TotalMilliseconds,
            WaitedMs = (long)waited.Total.TotalMilliseconds,
        };
    }

    private static StepStatus StatusOf(Failure? failure) => failure?.Code switch
    {
        null => StepStatus.Succeeded,
        FailureCodes.Cancelled => StepStatus.Cancelled,
        FailureCodes.EngineOff or FailureCodes.BudgetExceeded or FailureCodes.ModelUnpriced => StepStatus.Skipped,

        // Of a picture, which is made from the synthesis.
        FailureCodes.NothingToSynthesize or FailureCodes.SupersededRun => StepStatus.Skipped,
        _ => StepStatus.Failed,
    };

    private void Log(RunReference run, string? item, ContentHash? hash, StepRecord record)
    {
        if (record.Failure is { } failure) LogFailed(run.Batch.Value, run.RunSeq, item, record.Step, record.Part, failure.Code, hash?.Value);
        else LogDone(run.Batch.Value, run.RunSeq, item, record.Step, record.Part, record.Cache, record.DurationMs, hash?.Value);
    }

    [LoggerMessage(
        LogLevel.Information, "{Batch} run {RunSeq}: {Step} part {Part} of {Item} done in {DurationMs} ms, cache {Cache}, content {ContentHash}")]
    private partial void LogDone(
        string batch, int runSeq, string? item, string step, int part, CacheOutcome cache, long durationMs, string? contentHash);

    [LoggerMessage(LogLevel.Warning, "{Batch} run {RunSeq}: {Step} part {Part} of {Item} ended with {Code}, content {ContentHash}")]
    private partial void LogFailed(string batch, int runSeq, string? item, string step, int part, string code, string? contentHash);
}
