using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Functions.Runs;

/// <summary>
/// Steps as activities of an orchestration, slices as sub-orchestrations. Orchestrator code: replayed, and on no other
/// thread. The same numbers of retries as <see cref="LocalSteps"/>.
/// </summary>
internal sealed partial class DurableSteps(TaskOrchestrationContext context, PipelineOptions options, ILogger logger) : IBatchSteps
{
    /// <summary>
    /// Tries of a step whose worker or host went away. More than a step's own: a file that ends its worker does so three
    /// times, and every other step of that worker is interrupted with it.
    /// </summary>
    private const int HostFaultAttempts = 20;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private RunProgress progress = new(0, 0, 0);

    public async Task<InventoryResult> TakeInventoryAsync(RunReference run)
    {
        var inventory = await CallAsync<InventoryResult>(StepNames.TakeInventory, run);
        Show(new RunProgress(inventory.Count, (inventory.Count + SliceReference.Size - 1) / SliceReference.Size, 0));
        return inventory;
    }

    public Task<SlicePlan> ReadSliceAsync(SliceReference slice) => CallAsync<SlicePlan>(StepNames.ReadSlice, slice);

    public async Task<SliceTally> RunSliceAsync(SliceReference slice)
    {
        var tally = await context.CallSubOrchestratorAsync<SliceTally>(
            nameof(RunFunctions.RunSlice), slice, new SubOrchestrationOptions(instanceId: $"{context.InstanceId}-slice-{slice.Slice}"));
        Show(progress with { SlicesDone = progress.SlicesDone + 1 });
        return tally;
    }

    public Task<StepResult> OptimizeImageAsync(ItemReference item) => ContainAsync(StepNames.OptimizeImage, item);

    public Task<StepResult> AnalyzeImageAsync(ItemReference item) => ContainAsync(StepNames.AnalyzeImage, item);

    public Task<StepResult> PrepareAudioAsync(ItemReference item) => ContainAsync(StepNames.PrepareAudio, item);

    public Task<StepResult> TranscribeAudioAsync(ItemReference item) => ContainAsync(StepNames.TranscribeAudio, item);

    public Task<StepResult> ReadTextAsync(ItemReference item) => ContainAsync(StepNames.ReadText, item);

    public Task<SynthesisPlan> PlanSynthesisAsync(SynthesisLevel level) => CallAsync<SynthesisPlan>(StepNames.PlanSynthesis, level);

    public Task<StepResult> SynthesizeAsync(SynthesisNode node) => ContainAsync(StepNames.Synthesize, node);

    public Task<RunResult> WriteReportAsync(RunReference run) => CallAsync<RunResult>(StepNames.WriteReport, run);

    /// <summary>An item's step never breaks the fan-out: once retries are exhausted it is a failed outcome of this item alone.</summary>
    private async Task<StepResult> ContainAsync(string step, object input)
    {
        try
        {
            return await CallAsync<StepResult>(step, input);
        }
        catch (TaskFailedException e)
        {
            var subject = StepSubject.From(input);
            LogAbandoned(e, subject.Batch, subject.RunSeq, step, subject.Item);
            return new StepResult(StepStatus.Failed, FailureCodes.StepAbandoned);
        }
    }

    private Task<T> CallAsync<T>(string step, object input) =>
        context.CallActivityAsync<T>(step, input, TaskOptions.FromRetryHandler(retry => MayTryAgainAsync(step, StepSubject.From(input), retry)));

    private async Task<bool> MayTryAgainAsync(string step, StepSubject subject, RetryContext retry)
    {
        var fault = retry.LastFailure.ErrorType;
        var attempts = fault == typeof(TransientFaultException).FullName ? options.StepAttempts
            : fault == typeof(StepFaultException).FullName ? 1
            : HostFaultAttempts;
        if (retry.LastAttemptNumber >= attempts) return false;
        LogRetried(subject.Batch, subject.RunSeq, step, subject.Item, fault, retry.LastFailure.ErrorMessage, retry.LastAttemptNumber);
        if (!context.IsReplaying) Telemetry.Recovered("step-retried");
        var delay = options.StepRetryDelay * Math.Pow(2, retry.LastAttemptNumber - 1);
        await context.CreateTimer(delay < LongestDelay ? delay : LongestDelay, CancellationToken.None);
        return true;
    }

    private void Show(RunProgress now) => context.SetCustomStatus(progress = now);

    [LoggerMessage(LogLevel.Warning, "{Batch} run {RunSeq}: {Step} of item {Item} was broken by {Code} (attempt {Attempt}) and is tried again: {Message}")]
    private partial void LogRetried(string batch, int runSeq, string step, int? item, string code, string message, int attempt);

    [LoggerMessage(LogLevel.Error, "{Batch} run {RunSeq}: {Step} of item {Item} was given up")]
    private partial void LogAbandoned(Exception fault, string batch, int runSeq, string step, int? item);
}

/// <summary>The custom status of a run's orchestration. Live progress by item is in the HTTP API; this is for whoever looks at the task hub.</summary>
/// <param name="Items">Items of the inventory.</param>
/// <param name="Slices">Slices of it.</param>
/// <param name="SlicesDone">How many of them are done.</param>
public sealed record RunProgress(int Items, int Slices, int SlicesDone);
