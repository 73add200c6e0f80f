using System.Globalization;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using MultiModal.Functions.Batches;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Functions.Runs;

/// <summary>
/// Steps as activities of an orchestration, slices and stretches of parts as sub-orchestrations. Orchestrator code: replayed, and on no other
/// thread. The same numbers of retries as <see cref="LocalSteps"/>.
/// </summary>
internal sealed partial class DurableSteps(TaskOrchestrationContext context, PipelineOptions options, ILogger logger) : IStepCaller
{
    /// <summary>
    /// Maximum tries of a step whose worker or host went away. It exceeds the number for a step's own faults: a file that ends its worker
    /// does so three times, and interrupts every other step of that worker each time.
    /// </summary>
    private const int HostFaultAttempts = 20;

    private readonly Backoff pauses = new(options.StepRetryDelay, TimeSpan.FromSeconds(30));

    private RunProgress progress = new(0, 0, 0);

    public async Task<TResult> CallAsync<TInput, TResult>(Step<TInput, TResult> step, TInput input) where TInput : IStepInput
    {
        try
        {
            var result = await context.CallActivityAsync<TResult>(
                step.Name, input, TaskOptions.FromRetryHandler(retry => MayTryAgainAsync(step.Name, input, retry)));
            if (result is InventoryResult inventory) Show(new RunProgress(inventory.Count, SliceReference.CountFor(inventory.Count), 0));
            return result;
        }
        catch (TaskFailedException e) when (step.Abandoned is not null)
        {
            LogAbandoned(e, input.Run.Batch.Value, input.Run.RunSeq, step.Name, input.Index);
            return step.Abandoned(FailureCodes.StepAbandoned);
        }
    }

    public async Task<SliceTally> RunSliceAsync(SliceReference slice)
    {
        ArgumentNullException.ThrowIfNull(slice);
        var work = slice.Work == SliceWork.All ? "" : string.Create(CultureInfo.InvariantCulture, $"-{slice.Work}-{slice.Round}");
        var tally = await context.CallSubOrchestratorAsync<SliceTally>(
            nameof(RunFunctions.RunSlice), slice, new SubOrchestrationOptions(instanceId: $"{context.InstanceId}-slice-{slice.Slice}{work}"));

        // Where the work is divided, a slice counts once, with its pictures.
        if (slice is { Work: SliceWork.All or SliceWork.LookAtPictures, Round: 0 }) Show(progress with { SlicesDone = progress.SlicesDone + 1 });
        return tally;
    }

    public Task<PartsTally> RunPartsAsync(PartsReference parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var run = BatchSignals.InstanceOf(parts.Run.Batch, parts.Run.RunSeq);
        var tiles = parts.TilesOf is { } image ? string.Create(CultureInfo.InvariantCulture, $"-tiles-{image}") : "";
        var instance = string.Create(CultureInfo.InvariantCulture, $"{run}-item-{parts.Index}{tiles}-{parts.First}-{parts.Count}");
        return context.CallSubOrchestratorAsync<PartsTally>(nameof(RunFunctions.RunParts), parts, new SubOrchestrationOptions(instanceId: instance));
    }

    private async Task<bool> MayTryAgainAsync(string step, IStepInput input, RetryContext retry)
    {
        var fault = retry.LastFailure.ErrorType;
        var attempts = fault == typeof(TransientFaultException).FullName ? options.StepAttempts
            : fault == typeof(StepFaultException).FullName ? 1
            : HostFaultAttempts;
        if (retry.LastAttemptNumber >= attempts) return false;
        LogRetried(input.Run.Batch.Value, input.Run.RunSeq, step, input.Index, fault, retry.LastFailure.ErrorMessage, retry.LastAttemptNumber);
        if (!context.IsReplaying) Telemetry.Recovered("step-retried");
        await context.CreateTimer(pauses.After(retry.LastAttemptNumber), CancellationToken.None);
        return true;
    }

    private void Show(RunProgress now) => context.SetCustomStatus(progress = now);

    [LoggerMessage(
        LogLevel.Warning, "{Batch} run {RunSeq}: {Step} of item {Item} failed with {Code} (attempt {Attempt}) and is tried again: {Message}")]
    private partial void LogRetried(string batch, int runSeq, string step, int? item, string code, string message, int attempt);

    [LoggerMessage(LogLevel.Error, "{Batch} run {RunSeq}: {Step} of item {Item} was given up")]
    private partial void LogAbandoned(Exception fault, string batch, int runSeq, string step, int? item);
}

/// <summary>The custom status of a run's orchestration, for people who look at the task hub. Progress by item is in the HTTP API.</summary>
/// <param name="Items">Number of items of the inventory.</param>
/// <param name="Slices">Number of slices of the inventory.</param>
/// <param name="SlicesDone">Number of slices that are done.</param>
public sealed record RunProgress(int Items, int Slices, int SlicesDone);
