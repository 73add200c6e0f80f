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
    /// <summary>Runs the workflow and, whatever happened, tells the batch how it ended.</summary>
    [Function(BatchSignals.RunOrchestration)]
    public async Task RunBatch([OrchestrationTrigger] TaskOrchestrationContext context, RunReference run)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(run);
        var result = await RunAsync(context, run);
        await context.Entities.SignalEntityAsync(BatchSignals.EntityOf(run.Batch), nameof(BatchEntity.Finished), new RunEnd(run.Batch, run.RunSeq, result));
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

    /// <summary>A run without a report has nothing to deliver; what older runs left is forgotten after every run, so that broken ones do not pile up.</summary>
    internal static async Task AfterRunAsync(TaskOrchestrationContext context, RunReference run, RunResult? result)
    {
        if (result is not null) await TryAfterRunAsync(context, StepFunctions.Deliver, run);
        if (run.RunSeq > RunStore.KeptRuns) await TryAfterRunAsync(context, StepFunctions.ForgetRuns, run);
    }

    /// <summary>What the run is over without: a timer delivers what could not be delivered now, and the batch's next run forgets what this one could not.</summary>
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
