using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Workflow;

/// <summary>
/// The steps as the workflow sees them. Two implementations: activities of a Durable orchestration, and
/// <c>LocalSteps</c> in one process. A step that fails for good returns a failed result; it never throws into the
/// workflow, but for <see cref="TakeInventoryAsync"/> and <see cref="WriteReportAsync"/>, without which there is no run.
/// </summary>
public interface IBatchSteps
{
    Task<InventoryResult> TakeInventoryAsync(RunReference run);

    Task<SlicePlan> ReadSliceAsync(SliceReference slice);

    /// <summary>Runs <see cref="BatchWorkflow.RunSliceAsync"/>, where the host wants it to run.</summary>
    Task<SliceTally> RunSliceAsync(SliceReference slice);

    Task<StepResult> OptimizeImageAsync(ItemReference item);

    Task<StepResult> AnalyzeImageAsync(ItemReference item);

    /// <returns>As parts, the chunks to transcribe.</returns>
    Task<StepResult> PrepareAudioAsync(ItemReference item);

    Task<StepResult> TranscribeAudioAsync(ItemReference item);

    /// <returns>As parts, the page images to look at: 0 for a file that is read whole.</returns>
    Task<StepResult> ReadTextAsync(ItemReference item);

    Task<SynthesisPlan> PlanSynthesisAsync(SynthesisLevel level);

    Task<StepResult> SynthesizeAsync(SynthesisNode node);

    Task<RunResult> WriteReportAsync(RunReference run);
}
