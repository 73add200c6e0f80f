using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Workflow;

/// <summary>
/// How the workflow has its steps done. Two implementations: activities of a Durable orchestration, and
/// <see cref="LocalSteps"/> in one process.
/// </summary>
public interface IStepCaller
{
    /// <summary>
    /// Runs a step where the host wants it to run, and tries again what storage or the host broke. A step with
    /// <see cref="Step{TInput,TResult}.Abandoned"/> never throws into the workflow.
    /// </summary>
    Task<TResult> CallAsync<TInput, TResult>(Step<TInput, TResult> step, TInput input) where TInput : IStepInput;

    /// <summary>Runs <see cref="BatchWorkflow.RunSliceAsync"/>, where the host wants it to run.</summary>
    Task<SliceTally> RunSliceAsync(SliceReference slice);

    /// <summary>Runs <see cref="BatchWorkflow.RunPartsAsync"/>, where the host wants it to run.</summary>
    Task<PartsTally> RunPartsAsync(PartsReference parts);
}
