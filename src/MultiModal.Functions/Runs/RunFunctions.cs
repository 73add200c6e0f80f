using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Functions.Batches;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Functions.Runs;

/// <summary>
/// A run's orchestrations: the run, each slice of it, and the parts of items that have many, so that no history grows with the batch or an item.
/// </summary>
public sealed partial class RunFunctions(IOptions<PipelineOptions> options)
{
    /// <summary>Runs the workflow and in any case reports to the batch how it ended.</summary>
    [Function(BatchSignals.RunOrchestration)]
    public async Task RunBatch([OrchestrationTrigger] TaskOrchestrationContext context, RunReference run)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(run);
        var result = await RunAsync(context, run);
        await context.Entities.SignalEntityAsync(
            BatchSignals.EntityOf(run.Batch), nameof(BatchEntity.Finished), new RunEnd(run.Batch, run.RunSeq, result));
        await AfterRunAsync(context, run, result);
    }

    [Function(nameof(RunSlice))]
    public Task<SliceTally> RunSlice([OrchestrationTrigger] TaskOrchestrationContext context, SliceReference slice)
    {
        ArgumentNullException.ThrowIfNull(context);
        return BatchWorkflow.RunSliceAsync(StepsOf(context), slice);
    }

    [Function(nameof(RunParts))]
    public Task<PartsTally> RunParts([OrchestrationTrigger] TaskOrchestrationContext context, PartsReference parts)
    {
        ArgumentNullException.ThrowIfNull(context);
        return BatchWorkflow.RunPartsAsync(StepsOf(context), parts);
    }

    /// <returns>Null where the run could not be brought to a report.</returns>
    internal async Task<RunResult?> RunAsync(TaskOrchestrationContext context, RunReference run)
    {
        try
        {
            return await BatchWorkflow.RunAsync(StepsOf(context), run);
        }
        catch (TaskFailedException e)
        {
            LogBroken(context.CreateReplaySafeLogger<RunFunctions>(), e, run.Batch.Value, run.RunSeq);
            return null;
        }
    }

    /// <summary>
    /// Cleans up after a run. A run without a report has nothing to deliver; state of older runs is deleted after every run, so that
    /// broken runs do not accumulate.
    /// </summary>
    internal static async Task AfterRunAsync(TaskOrchestrationContext context, RunReference run, RunResult? result)
    {
        if (result is not null) await TryAfterRunAsync(context, StepFunctions.Deliver, run);
        if (run.RunSeq > RunStore.KeptRuns) await TryAfterRunAsync(context, StepFunctions.ForgetRuns, run);
    }

    /// <summary>
    /// Tries work that the run does not depend on: a timer repeats a delivery that fails, and the batch's next run repeats the deletion.
    /// </summary>
    private static async Task TryAfterRunAsync(TaskOrchestrationContext context, string activity, RunReference run)
    {
        try
        {
            await context.CallActivityAsync(activity, run);
        }
        catch (TaskFailedException e)
        {
            LogLater(context.CreateReplaySafeLogger<RunFunctions>(), e, run.Batch.Value, run.RunSeq, activity);
        }
    }

    private DurableSteps StepsOf(TaskOrchestrationContext context) => new(context, options.Value, context.CreateReplaySafeLogger<DurableSteps>());

    [LoggerMessage(LogLevel.Warning, "{Batch} run {RunSeq}: {Activity} failed and will be done later")]
    private static partial void LogLater(ILogger logger, Exception fault, string batch, int runSeq, string activity);

    [LoggerMessage(LogLevel.Error, "{Batch} run {RunSeq} ended without a report and is tried again")]
    private static partial void LogBroken(ILogger logger, Exception fault, string batch, int runSeq);
}
