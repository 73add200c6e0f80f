using System.Text.Json.Serialization;
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
/// <param name="Work">What is done of the items' work.</param>
/// <param name="Round">
/// The round of <see cref="SliceWork.LookAtPictures"/>, from 0: later ones look at what <see cref="SimilarPictures.Released"/> names.
/// </param>
public sealed record SliceReference(
    RunReference Run,
    int Slice,
    bool PartsApart = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SliceWork Work = SliceWork.All,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Round = 0) : IStepInput
{
    /// <summary>Maximum number of items in a slice; a slice is a history of its own on Durable Functions.</summary>
    public const int Size = 50;

    /// <summary>Returns the number of slices for a number of items.</summary>
    public static int CountFor(int items) => (items + Size - 1) / Size;
}

/// <summary>Kind of each item of a slice, in inventory order; null for an item that needs no step (a duplicate, an unsupported file).</summary>
public sealed record SlicePlan(IReadOnlyList<ItemKind?> Kinds);

/// <summary>Number of items of a slice that completed all their steps, and of those that did not.</summary>
public sealed record SliceTally(int Completed, int NotCompleted);

/// <summary>What is done of the work on a slice's items. A run that looks for pictures that are the same divides it.</summary>
public enum SliceWork
{
    /// <summary>All of it.</summary>
    All,

    /// <summary>Everything but pictures.</summary>
    AllButPictures,

    /// <summary>Pictures are shrunk, so that they can be compared.</summary>
    ShrinkPictures,

    /// <summary>Pictures are looked at, except for those that are the same as another one.</summary>
    LookAtPictures,
}
