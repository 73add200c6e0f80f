using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Workflow;

/// <summary>Runs steps in one process that keeps their records together: those of a slice are written when it has ended.</summary>
/// <param name="steps">Runs the steps.</param>
/// <param name="runs">Keeps the records.</param>
/// <param name="stopping">Ends writing.</param>
public sealed class RecordedSteps(IStepCaller steps, RunStore runs, CancellationToken stopping) : IStepCaller
{
    public Task<TResult> CallAsync<TInput, TResult>(Step<TInput, TResult> step, TInput input) where TInput : IStepInput =>
        steps.CallAsync(step, input);

    public async Task<SliceTally> RunSliceAsync(SliceReference slice)
    {
        var tally = await BatchWorkflow.RunSliceAsync(this, slice);
        await runs.EndSliceAsync(slice, stopping);
        return tally;
    }

    public Task<PartsTally> RunPartsAsync(PartsReference parts) => BatchWorkflow.RunPartsAsync(this, parts);
}
