using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Runs;

/// <summary>An item of a run, or a part of one (a chunk of a recording, a page of a scan).</summary>
/// <param name="Run">The run.</param>
/// <param name="Index">Position in the inventory, from 0.</param>
/// <param name="Part">Index of the part, from 0; it is also 0 for an item processed as a whole.</param>
public sealed record ItemReference(RunReference Run, int Index, int Part = 0) : IStepInput
{
    int? IStepInput.Index => Index;
}
