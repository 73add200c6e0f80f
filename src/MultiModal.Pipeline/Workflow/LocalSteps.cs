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

    public Task<InventoryResult> TakeInventoryAsync(RunReference run) => RetryAsync(StepNames.TakeInventory, StepSubject.From(run), token => activities.TakeInventoryAsync(run, token));

    public Task<SlicePlan> ReadSliceAsync(SliceReference slice) => RetryAsync(StepNames.ReadSlice, StepSubject.From(slice), token => activities.ReadSliceAsync(slice, token));

    public Task<SliceTally> RunSliceAsync(SliceReference slice) => BatchWorkflow.RunSliceAsync(this, slice);

    public Task<StepResult> OptimizeImageAsync(ItemReference item) => ContainAsync(StepNames.OptimizeImage, StepSubject.From(item), token => activities.OptimizeImageAsync(item, token));

    public Task<StepResult> AnalyzeImageAsync(ItemReference item) => ContainAsync(StepNames.AnalyzeImage, StepSubject.From(item), token => activities.AnalyzeImageAsync(item, token));

    public Task<StepResult> PrepareAudioAsync(ItemReference item) => ContainAsync(StepNames.PrepareAudio, StepSubject.From(item), token => activities.PrepareAudioAsync(item, token));

    public Task<StepResult> TranscribeAudioAsync(ItemReference item) => ContainAsync(StepNames.TranscribeAudio, StepSubject.From(item), token => activities.TranscribeAudioAsync(item, token));

    public Task<StepResult> ReadTextAsync(ItemReference item) => ContainAsync(StepNames.ReadText, StepSubject.From(item), token => activities.ReadTextAsync(item, token));

    public Task<SynthesisPlan> PlanSynthesisAsync(SynthesisLevel level) => RetryAsync(StepNames.PlanSynthesis, StepSubject.From(level), token => activities.PlanSynthesisAsync(level, token));

    public Task<StepResult> SynthesizeAsync(SynthesisNode node) => ContainAsync(StepNames.Synthesize, StepSubject.From(node), token => activities.SynthesizeAsync(node, token));

    public Task<RunResult> WriteReportAsync(RunReference run) => RetryAsync(StepNames.WriteReport, StepSubject.From(run), token => activities.WriteReportAsync(run, token));

    /// <summary>An item's step never breaks the fan-out: once retries are exhausted it is a failed outcome of this item alone.</summary>
    private async Task<StepResult> ContainAsync(string step, StepSubject subject, Func<CancellationToken, Task<StepResult>> work)
    {
        try
        {
            return await RetryAsync(step, subject, work);
        }
        catch (Exception e) when (!ending.IsCancellationRequested)
        {
            LogAbandoned(e, subject.Batch, subject.RunSeq, step, subject.Item, StorageFaults.CodeOf(e));
            return new StepResult(StepStatus.Failed, FailureCodes.StepAbandoned);
        }
    }

    private async Task<T> RetryAsync<T>(string step, StepSubject subject, Func<CancellationToken, Task<T>> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var slot = await slots.TakeAsync(ending);
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
