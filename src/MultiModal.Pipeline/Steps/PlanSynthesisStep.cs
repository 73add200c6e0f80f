using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Synthesis;

namespace MultiModal.Pipeline.Steps;

/// <summary><c>plan-synthesis</c>: divides the inputs of a level of the synthesis tree into groups.</summary>
internal sealed class PlanSynthesisStep(RunStore runs, InboxListing listing, EngineSet engines, SynthesisPlanner planner)
    : IStep<SynthesisLevel, SynthesisPlan>
{
    public const string StepName = "plan-synthesis";

    public static readonly Step<SynthesisLevel, SynthesisPlan> Definition = new(StepName);

    public string Name => StepName;

    public async Task<SynthesisPlan> RunAsync(SynthesisLevel input, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        return await planner.PlanAsync(input, engines.SynthesisInputTokens, await StoppedAsync(input, cancellationToken), cancellationToken);
    }

    /// <returns>Reason why the run makes no synthesis; null if it makes one.</returns>
    private async Task<Failure?> StoppedAsync(SynthesisLevel level, CancellationToken cancellationToken)
    {
        if (level.Level > 0) return null;
        if (engines.Text is null) return new Failure(FailureCodes.EngineOff, "Ai:Text:Engine is Off, so no synthesis is made.");
        if (await runs.IsCancelRequestedAsync(level.Run, cancellationToken))
        {
            return new Failure(FailureCodes.Cancelled, "The run was cancelled before the synthesis.", Retryable: true);
        }

        return await runs.IsSupersededAsync(level.Run, listing, cancellationToken)
            ? new Failure(FailureCodes.SupersededRun, "The batch changed while it was read. The next run makes the synthesis.", Retryable: true)
            : null;
    }
}
