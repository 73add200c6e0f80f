using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Runs;

/// <summary>A stretch of a run's inventory, one page of it: at most <see cref="Size"/> items.</summary>
/// <param name="Run">The run.</param>
/// <param name="Slice">Which stretch, from 0.</param>
/// <param name="PartsApart">
/// Whether items with many parts have them done in histories of their own. False in a slice that version 1.0 began: its history on Durable
/// Functions goes on as it began.
/// </param>
public sealed record SliceReference(RunReference Run, int Slice, bool PartsApart = false) : IStepInput
{
    /// <summary>Items of a slice at most; a slice is a history of its own on Durable Functions.</summary>
    public const int Size = 50;

    /// <summary>How many slices so many items make.</summary>
    public static int CountFor(int items) => (items + Size - 1) / Size;
}

/// <summary>What each item of a slice is, in inventory order; null for one that needs no step (a duplicate, an unsupported file).</summary>
public sealed record SlicePlan(IReadOnlyList<ItemKind?> Kinds);

/// <summary>How many items of a slice went through all their steps, and how many did not.</summary>
public sealed record SliceTally(int Completed, int NotCompleted);
