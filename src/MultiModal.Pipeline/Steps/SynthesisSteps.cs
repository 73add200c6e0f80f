using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Synthesis;

namespace MultiModal.Pipeline.Steps;

/// <summary>The synthesis tree: each level is planned, then its groups are synthesized side by side.</summary>
internal sealed class SynthesisSteps(RunStore runs, StepRunner steps, MeteredCalls calls, InboxListing listing, EngineSet engines, SynthesisPlanner planner)
{
    /// <summary>Raised where a change to the code changes what the step answers.</summary>
    private const int SynthesizeVersion = 1;

    public async Task<SynthesisPlan> PlanAsync(SynthesisLevel level, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(level);
        var stopped = level.Level > 0 ? null
            : engines.Text is null ? new Failure(FailureCodes.EngineOff, "Ai:Text:Engine is Off: no synthesis is made.")
            : await runs.IsCancelRequestedAsync(level.Run, cancellationToken) ? new Failure(FailureCodes.Cancelled, "The run was cancelled before the synthesis.", Retryable: true)
            : await runs.IsSupersededAsync(level.Run, listing, cancellationToken) ? new Failure(FailureCodes.SupersededRun, "The batch changed while it was read; the run that follows makes the synthesis.", Retryable: true)
            : null;
        return await planner.PlanAsync(level, engines.SynthesisInputTokens, stopped, cancellationToken);
    }

    public Task<StepResult> SynthesizeAsync(SynthesisNode node, CancellationToken cancellationToken) =>
        steps.RunAsync(node, StepNames.Synthesize, async token =>
        {
            ArgumentNullException.ThrowIfNull(node);
            var text = engines.Text!;
            var options = await runs.ReadOptionsAsync(node.Run, token);
            var group = await runs.ReadGroupAsync<SynthesisGroup>(node, token) ?? throw new InvalidOperationException("The group was planned and is gone: the run's state was deleted under it.");
            if (group.Known is { } known) return StepWork.Done(known);

            var key = CacheKey.Create(StepNames.Synthesize, group.Hash(), SynthesizeVersion, text.Identity, options.Instructions, options.Language);
            var request = new SynthesisRequest(group.Inputs, options.Instructions, options.Language);
            var estimate = text.Estimate(request);
            return await calls.CallAsync(node.Run, StepNames.Synthesize, key, text.Identity, estimate, estimate, asking => text.SynthesizeAsync(request, asking), token);
        }, cancellationToken);
}
