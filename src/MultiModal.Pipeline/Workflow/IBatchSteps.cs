using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Workflow;

/// <summary>
/// The steps as the workflow sees them. Two implementations: activities of a Durable orchestration, and
/// <c>LocalSteps</c> in one process. A step that fails for good returns a failed result; it never throws into the
/// workflow, but for <see cref="TakeInventory"/> and <see cref="WriteReport"/>, without which there is no run.
/// </summary>
public interface IBatchSteps
{
    Task<InventoryResult> TakeInventory(RunReference run);

    Task<SlicePlan> ReadSlice(SliceReference slice);

    /// <summary>Runs <see cref="BatchWorkflow.RunSlice"/>, where the host wants it to run.</summary>
    Task<SliceTally> RunSlice(SliceReference slice);

    Task<StepResult> OptimizeImage(ItemReference item);

    Task<StepResult> AnalyzeImage(ItemReference item);

    /// <returns>As parts, the chunks to transcribe.</returns>
    Task<StepResult> PrepareAudio(ItemReference item);

    Task<StepResult> TranscribeAudio(ItemReference item);

    /// <returns>As parts, the page images to look at: 0 for a file that is read whole.</returns>
    Task<StepResult> ReadText(ItemReference item);

    Task<SynthesisPlan> PlanSynthesis(SynthesisLevel level);

    Task<StepResult> Synthesize(SynthesisNode node);

    Task<RunResult> WriteReport(RunReference run);
}
