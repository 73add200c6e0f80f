using System.Text.Json;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Synthesis;

/// <summary>Outcome of a node of the tree.</summary>
internal static class NodeOutcome
{
    private static readonly Failure Abandoned = new(
        FailureCodes.StepAbandoned, "The synthesis of a group never ended. Start the batch again.", Retryable: true);

    public static Outcome<SynthesisDocument> Read(StepRecord? record) =>
        record is { Status: StepStatus.Succeeded, Result: { } result } && result.Deserialize<SynthesisDocument>(PipelineJson.Options) is { } document
            ? document
            : record?.Failure ?? Abandoned;
}
