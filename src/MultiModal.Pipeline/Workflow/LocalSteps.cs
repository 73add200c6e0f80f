using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Workflow;

/// <summary>
/// Runs steps in one process: of each step, at most <c>Pipeline:MaxParallelSteps</c> are under way at a time over all runs, and faults of
/// storage are retried. The numbers of retries are those of the durable host's policy.
/// </summary>
public sealed partial class LocalSteps(
    StepSet steps, StepSlots slots, IOptions<PipelineOptions> options, TimeProvider time, ILogger<LocalSteps> logger, CancellationToken stopping,
    CancellationToken draining = default) : IStepCaller
{
    private readonly Backoff pauses = new(options.Value.StepRetryDelay, TimeSpan.MaxValue);

    /// <summary>A token after which no step begins; steps under way end by themselves, or when stopped.</summary>
    private readonly CancellationToken ending = draining.CanBeCanceled ? draining : stopping;

    public async Task<TResult> CallAsync<TInput, TResult>(Step<TInput, TResult> step, TInput input) where TInput : IStepInput
    {
        ArgumentNullException.ThrowIfNull(step);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var slot = await slots.TakeAsync(input.Run.Batch.Value, step.Name, ending);
                return await steps.RunAsync(step, input, stopping);
            }
            catch (Exception e) when (attempt < options.Value.StepAttempts && StorageFaults.IsTransient(e) && !ending.IsCancellationRequested)
            {
                LogRetried(e, input.Run.Batch.Value, input.Run.RunSeq, step.Name, input.Index, StorageFaults.CodeOf(e), attempt);
                Telemetry.Recovered("step-retried");
            }
            catch (Exception e) when (step.Abandoned is { } abandoned && !ending.IsCancellationRequested)
            {
                LogAbandoned(e, input.Run.Batch.Value, input.Run.RunSeq, step.Name, input.Index, StorageFaults.CodeOf(e));
                return abandoned(FailureCodes.StepAbandoned);
            }

            await Task.Delay(pauses.After(attempt), time, ending);
        }
    }

    public Task<SliceTally> RunSliceAsync(SliceReference slice) => BatchWorkflow.RunSliceAsync(this, slice);

    public Task<PartsTally> RunPartsAsync(PartsReference parts) => BatchWorkflow.RunPartsAsync(this, parts);

    [LoggerMessage(LogLevel.Warning, "{Batch} run {RunSeq}: {Step} of item {Item} failed with {Code} (attempt {Attempt}) and is tried again")]
    private partial void LogRetried(Exception fault, string batch, int runSeq, string step, int? item, string code, int attempt);

    [LoggerMessage(LogLevel.Error, "{Batch} run {RunSeq}: {Step} of item {Item} was given up with {Code}")]
    private partial void LogAbandoned(Exception fault, string batch, int runSeq, string step, int? item, string code);
}
