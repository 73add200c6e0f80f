using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Workflow;

/// <summary>Whose step it is, for whoever reads the log.</summary>
/// <param name="Batch">Name of the batch.</param>
/// <param name="RunSeq">Number of the run.</param>
/// <param name="Item">Position in the inventory, from 0; null for a step of the whole run.</param>
public readonly record struct StepSubject(string Batch, int RunSeq, int? Item = null)
{
    /// <param name="input">What an activity is called with.</param>
    public static StepSubject From(object input) => input switch
    {
        ItemReference item => From(item.Run) with { Item = item.Index },
        RunReference run => new(run.Batch.Value, run.RunSeq),
        SliceReference slice => From(slice.Run),
        SynthesisLevel level => From(level.Run),
        SynthesisNode node => From(node.Run),
        _ => throw new ArgumentException($"{input?.GetType().Name} is the input of no step.", nameof(input)),
    };
}
