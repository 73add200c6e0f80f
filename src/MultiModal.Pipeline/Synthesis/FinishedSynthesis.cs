using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Synthesis;

/// <summary>The synthesis of a run, once its tree is done.</summary>
/// <param name="Document">The document.</param>
/// <param name="Engine">Engine that wrote it; null if a single item is its own summary.</param>
/// <param name="Lost">Groups that are missing from it.</param>
internal sealed record FinishedSynthesis(SynthesisDocument Document, string? Engine, IReadOnlyList<LostNode> Lost)
{
    private static readonly Failure Abandoned = new(
        FailureCodes.StepAbandoned, "The synthesis was not made. Start the batch again.", Retryable: true);

    private static readonly Failure Cancelled = new(
        FailureCodes.Cancelled, "The run was cancelled before the synthesis.", Retryable: true);

    /// <returns>The synthesis, or the reason why there is none.</returns>
    public static async Task<Outcome<FinishedSynthesis>> ReadAsync(
        RunStore runs, RunReference run, bool cancelled, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var outline = await runs.ReadDocumentAsync<SynthesisOutline>(run, SynthesisOutline.DocumentName, cancellationToken);
        if (outline?.Reason is { } reason) return reason;
        if (outline is null || outline.Levels[^1] != 1) return cancelled ? Cancelled : Abandoned;
        var record = await runs.ReadNodeRecordAsync(new SynthesisNode(run, outline.Levels.Count - 1, 0), cancellationToken);
        var outcome = NodeOutcome.Read(record);
        return outcome.Succeeded ? new FinishedSynthesis(outcome.Value, record!.Engine, outline.Lost) : outcome.Failure;
    }
}
