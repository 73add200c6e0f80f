using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Functions.Runs;

/// <summary>
/// Steps as activities of an orchestration, slices as sub-orchestrations. Orchestrator code: replayed, and on no other
/// thread. The same numbers of retries as <see cref="LocalSteps"/>.
/// </summary>
internal sealed partial class DurableSteps(TaskOrchestrationContext context, PipelineOptions options, ILogger logger) : IBatchSteps
{
    private readonly TaskOptions retries = new(new RetryPolicy(
        options.StepAttempts,
        options.StepRetryDelay > TimeSpan.Zero ? options.StepRetryDelay : TimeSpan.FromTicks(1),
        backoffCoefficient: 2)
    {
        HandleFailure = static failure => failure.ErrorType == typeof(TransientFaultException).FullName,
    });

    private RunProgress progress = new(0, 0, 0);

    public async Task<InventoryResult> TakeInventory(RunReference run)
    {
        var inventory = await Call<InventoryResult>(StepNames.TakeInventory, run);
        Show(new RunProgress(inventory.Count, (inventory.Count + BatchWorkflow.SliceSize - 1) / BatchWorkflow.SliceSize, 0));
        return inventory;
    }

    public Task<SlicePlan> ReadSlice(SliceReference slice) => Call<SlicePlan>(StepNames.ReadSlice, slice);

    public async Task<SliceTally> RunSlice(SliceReference slice)
    {
        var tally = await context.CallSubOrchestratorAsync<SliceTally>(
            nameof(RunFunctions.RunSlice), slice, new SubOrchestrationOptions(instanceId: $"{context.InstanceId}-slice-{slice.Slice}"));
        Show(progress with { SlicesDone = progress.SlicesDone + 1 });
        return tally;
    }

    public Task<StepResult> OptimizeImage(ItemReference item) => Contain(StepNames.OptimizeImage, item);

    public Task<StepResult> AnalyzeImage(ItemReference item) => Contain(StepNames.AnalyzeImage, item);

    public Task<StepResult> PrepareAudio(ItemReference item) => Contain(StepNames.PrepareAudio, item);

    public Task<StepResult> TranscribeAudio(ItemReference item) => Contain(StepNames.TranscribeAudio, item);

    public Task<StepResult> ReadText(ItemReference item) => Contain(StepNames.ReadText, item);

    public Task<SynthesisPlan> PlanSynthesis(SynthesisLevel level) => Call<SynthesisPlan>(StepNames.PlanSynthesis, level);

    public Task<StepResult> Synthesize(SynthesisNode node) => Contain(StepNames.Synthesize, node);

    public Task<RunResult> WriteReport(RunReference run) => Call<RunResult>(StepNames.WriteReport, run);

    /// <summary>An item's step never breaks the fan-out: once retries are exhausted it is a failed outcome of this item alone.</summary>
    private async Task<StepResult> Contain(string step, object input)
    {
        try
        {
            return await Call<StepResult>(step, input);
        }
        catch (TaskFailedException e)
        {
            LogAbandoned(e, context.InstanceId, step);
            return new StepResult(StepStatus.Failed, FailureCodes.StepAbandoned);
        }
    }

    private Task<T> Call<T>(string step, object input) => context.CallActivityAsync<T>(step, input, retries);

    private void Show(RunProgress now) => context.SetCustomStatus(progress = now);

    [LoggerMessage(LogLevel.Error, "{Run}: {Step} was given up")]
    private partial void LogAbandoned(Exception fault, string run, string step);
}
