using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
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

    public Task<InventoryResult> TakeInventory(RunReference run) => Retry(StepNames.TakeInventory, token => activities.TakeInventory(run, token));

    public Task<SlicePlan> ReadSlice(SliceReference slice) => Retry(StepNames.ReadSlice, token => activities.ReadSlice(slice, token));

    public Task<SliceTally> RunSlice(SliceReference slice) => BatchWorkflow.RunSlice(this, slice);

    public Task<StepResult> OptimizeImage(ItemReference item) => Contain(StepNames.OptimizeImage, token => activities.OptimizeImage(item, token));

    public Task<StepResult> AnalyzeImage(ItemReference item) => Contain(StepNames.AnalyzeImage, token => activities.AnalyzeImage(item, token));

    public Task<StepResult> PrepareAudio(ItemReference item) => Contain(StepNames.PrepareAudio, token => activities.PrepareAudio(item, token));

    public Task<StepResult> TranscribeAudio(ItemReference item) => Contain(StepNames.TranscribeAudio, token => activities.TranscribeAudio(item, token));

    public Task<StepResult> ReadText(ItemReference item) => Contain(StepNames.ReadText, token => activities.ReadText(item, token));

    public Task<SynthesisPlan> PlanSynthesis(SynthesisLevel level) => Retry(StepNames.PlanSynthesis, token => activities.PlanSynthesis(level, token));

    public Task<StepResult> Synthesize(SynthesisNode node) => Contain(StepNames.Synthesize, token => activities.Synthesize(node, token));

    public Task<RunResult> WriteReport(RunReference run) => Retry(StepNames.WriteReport, token => activities.WriteReport(run, token));

    /// <summary>An item's step never breaks the fan-out: once retries are exhausted it is a failed outcome of this item alone.</summary>
    private async Task<StepResult> Contain(string step, Func<CancellationToken, Task<StepResult>> work)
    {
        try
        {
            return await Retry(step, work);
        }
        catch (Exception e) when (!ending.IsCancellationRequested)
        {
            LogAbandoned(e, step);
            return new StepResult(StepStatus.Failed, FailureCodes.StepAbandoned);
        }
    }

    private async Task<T> Retry<T>(string step, Func<CancellationToken, Task<T>> work)
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
                LogRetried(e, step, attempt);
                Telemetry.Recovered("step-retried");
            }

            await Task.Delay(options.Value.StepRetryDelay * Math.Pow(2, attempt - 1), time, ending);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Step} was broken by a fault of storage or host (attempt {Attempt}) and is tried again")]
    private partial void LogRetried(Exception fault, string step, int attempt);

    [LoggerMessage(LogLevel.Error, "{Step} was given up")]
    private partial void LogAbandoned(Exception fault, string step);
}
