using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Workflow;

/// <summary>
/// Steps of one process: at most <c>Pipeline:MaxParallelSteps</c> under way at a time over all runs, faults of storage
/// retried. The same numbers as the durable host's retry policy.
/// </summary>
public sealed partial class LocalSteps(BatchActivities activities, StepSlots slots, IOptions<PipelineOptions> options, TimeProvider time, ILogger<LocalSteps> logger, CancellationToken stopping, CancellationToken draining = default) : IBatchSteps
{
    /// <summary>No step is begun after this; those under way end by themselves, or when stopped.</summary>
    private readonly CancellationToken ending = draining.CanBeCanceled ? draining : stopping;

    public Task<InventoryResult> TakeInventory(RunReference run) => Retry(StepNames.TakeInventory, StepSubject.Of(run), token => activities.TakeInventory(run, token));

    public Task<SlicePlan> ReadSlice(SliceReference slice) => Retry(StepNames.ReadSlice, StepSubject.Of(slice), token => activities.ReadSlice(slice, token));

    public Task<SliceTally> RunSlice(SliceReference slice) => BatchWorkflow.RunSlice(this, slice);

    public Task<StepResult> OptimizeImage(ItemReference item) => Contain(StepNames.OptimizeImage, StepSubject.Of(item), token => activities.OptimizeImage(item, token));

    public Task<StepResult> AnalyzeImage(ItemReference item) => Contain(StepNames.AnalyzeImage, StepSubject.Of(item), token => activities.AnalyzeImage(item, token));

    public Task<StepResult> PrepareAudio(ItemReference item) => Contain(StepNames.PrepareAudio, StepSubject.Of(item), token => activities.PrepareAudio(item, token));

    public Task<StepResult> TranscribeAudio(ItemReference item) => Contain(StepNames.TranscribeAudio, StepSubject.Of(item), token => activities.TranscribeAudio(item, token));

    public Task<StepResult> ReadText(ItemReference item) => Contain(StepNames.ReadText, StepSubject.Of(item), token => activities.ReadText(item, token));

    public Task<SynthesisPlan> PlanSynthesis(SynthesisLevel level) => Retry(StepNames.PlanSynthesis, StepSubject.Of(level), token => activities.PlanSynthesis(level, token));

    public Task<StepResult> Synthesize(SynthesisNode node) => Contain(StepNames.Synthesize, StepSubject.Of(node), token => activities.Synthesize(node, token));

    public Task<RunResult> WriteReport(RunReference run) => Retry(StepNames.WriteReport, StepSubject.Of(run), token => activities.WriteReport(run, token));

    /// <summary>An item's step never breaks the fan-out: once retries are exhausted it is a failed outcome of this item alone.</summary>
    private async Task<StepResult> Contain(string step, StepSubject subject, Func<CancellationToken, Task<StepResult>> work)
    {
        try
        {
            return await Retry(step, subject, work);
        }
        catch (Exception e) when (!ending.IsCancellationRequested)
        {
            LogAbandoned(e, subject.Batch, subject.RunSeq, step, subject.Item, StorageFaults.CodeOf(e));
            return new StepResult(StepStatus.Failed, FailureCodes.StepAbandoned);
        }
    }

    private async Task<T> Retry<T>(string step, StepSubject subject, Func<CancellationToken, Task<T>> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var slot = await slots.Take(ending);
                return await work(stopping);
            }
            catch (Exception e) when (attempt < options.Value.StepAttempts && StorageFaults.IsTransient(e) && !ending.IsCancellationRequested)
            {
                LogRetried(e, subject.Batch, subject.RunSeq, step, subject.Item, StorageFaults.CodeOf(e), attempt);
                Telemetry.Recovered("step-retried");
            }

            await Task.Delay(options.Value.StepRetryDelay * Math.Pow(2, attempt - 1), time, ending);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Batch} run {RunSeq}: {Step} of item {Item} was broken by {Code} (attempt {Attempt}) and is tried again")]
    private partial void LogRetried(Exception fault, string batch, int runSeq, string step, int? item, string code, int attempt);

    [LoggerMessage(LogLevel.Error, "{Batch} run {RunSeq}: {Step} of item {Item} was given up, {Code}")]
    private partial void LogAbandoned(Exception fault, string batch, int runSeq, string step, int? item, string code);
}
