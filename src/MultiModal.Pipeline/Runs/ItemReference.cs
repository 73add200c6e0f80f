using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Runs;

/// <summary>An item of a run, or a part of one (a chunk of a recording, a page of a scan).</summary>
/// <param name="Run">The run.</param>
/// <param name="Index">Position in the inventory, from 0.</param>
/// <param name="Part">Which part, from 0; 0 also for an item taken whole.</param>
public sealed record ItemReference(RunReference Run, int Index, int Part = 0) : IStepInput
{
    int? IStepInput.Index => Index;
}
