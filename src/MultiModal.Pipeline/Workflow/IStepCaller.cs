using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Workflow;

/// <summary>
/// Runs the steps of the workflow. There are two implementations: activities of a Durable orchestration, and <see cref="LocalSteps"/> in
/// one process.
/// </summary>
public interface IStepCaller
{
    /// <summary>
    /// Runs a step where the host wants it to run, and retries after faults of storage or the host. A step with
    /// <see cref="Step{TInput,TResult}.Abandoned"/> never throws into the workflow.
    /// </summary>
    Task<TResult> CallAsync<TInput, TResult>(Step<TInput, TResult> step, TInput input) where TInput : IStepInput;

    /// <summary>Runs <see cref="BatchWorkflow.RunSliceAsync"/> where the host wants it to run.</summary>
    Task<SliceTally> RunSliceAsync(SliceReference slice);

    /// <summary>Runs <see cref="BatchWorkflow.RunPartsAsync"/>, where the host wants it to run.</summary>
    Task<PartsTally> RunPartsAsync(PartsReference parts);
}
