using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Functions.Batches;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Functions.Runs;

/// <summary>A run's orchestrations: the run, and each slice of it, so that no history grows with the batch.</summary>
public sealed partial class RunFunctions(IOptions<PipelineOptions> options)
{
    /// <summary>Runs the workflow and, whatever happened, tells the batch how it ended.</summary>
    [Function(nameof(RunBatch))]
    public async Task RunBatch([OrchestrationTrigger] TaskOrchestrationContext context, RunReference run)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(run);
        var result = await Run(context, run);
        await context.Entities.SignalEntityAsync(BatchSignals.EntityOf(run.Batch), nameof(BatchEntity.Finished), new RunEnd(run.Batch, run.RunSeq, result));
        if (result is not null) await Deliver(context, run);
    }

    [Function(nameof(RunSlice))]
    public Task<SliceTally> RunSlice([OrchestrationTrigger] TaskOrchestrationContext context, SliceReference slice)
    {
        ArgumentNullException.ThrowIfNull(context);
        return BatchWorkflow.RunSlice(StepsOf(context), slice);
    }

    /// <returns>Null where the run could not be brought to a report.</returns>
    internal async Task<RunResult?> Run(TaskOrchestrationContext context, RunReference run)
    {
        try
        {
            return await BatchWorkflow.Run(StepsOf(context), run);
        }
        catch (TaskFailedException e)
        {
            LogBroken(context.CreateReplaySafeLogger<RunFunctions>(), e, run.Batch.Value, run.RunSeq);
            return null;
        }
    }

    /// <summary>The delivery is noted in storage: if this try fails, a timer makes the next one.</summary>
    private static async Task Deliver(TaskOrchestrationContext context, RunReference run)
    {
        try
        {
            await context.CallActivityAsync(StepFunctions.Deliver, run);
        }
        catch (TaskFailedException e)
        {
            LogNotDelivered(context.CreateReplaySafeLogger<RunFunctions>(), e, run.Batch.Value, run.RunSeq);
        }
    }

    private DurableSteps StepsOf(TaskOrchestrationContext context) => new(context, options.Value, context.CreateReplaySafeLogger<DurableSteps>());

    [LoggerMessage(LogLevel.Warning, "{Batch} run {RunSeq}: webhooks could not be told now and will be told later")]
    private static partial void LogNotDelivered(ILogger logger, Exception fault, string batch, int runSeq);

    [LoggerMessage(LogLevel.Error, "{Batch} run {RunSeq} ended without a report and is tried again")]
    private static partial void LogBroken(ILogger logger, Exception fault, string batch, int runSeq);
}
