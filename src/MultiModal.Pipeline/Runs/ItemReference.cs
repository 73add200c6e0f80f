using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Runs;

/// <summary>An item of a run, or a part of one (a chunk of a recording, a page of a scan).</summary>
/// <param name="Run">The run.</param>
/// <param name="Index">Position in the inventory, from 0.</param>
/// <param name="Part">Index of the part, from 0; it is also 0 for an item processed as a whole.</param>
/// <param name="Tile">Index of the tile of an image that is sent in tiles, from 0; it is also 0 for one that is sent whole.</param>
/// <param name="MayDivide">
/// Whether the caller goes on with all pictures that an image is divided into. False for an orchestration of version 1.0, which goes on with one.
/// </param>
public sealed record ItemReference(RunReference Run, int Index, int Part = 0, int Tile = 0, bool MayDivide = false) : IStepInput
{
    int? IStepInput.Index => Index;
}
