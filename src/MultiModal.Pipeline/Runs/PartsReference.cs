using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Runs;

/// <summary>A stretch of an item's parts: pieces of a recording, pages of a document, or tiles of an image.</summary>
/// <param name="Run">The run.</param>
/// <param name="Index">Position of the item in the inventory, from 0.</param>
/// <param name="Kind">What the item is, which says what steps its parts need.</param>
/// <param name="First">The first part, from 0.</param>
/// <param name="Count">How many parts.</param>
/// <param name="TilesOf">The part whose tiles these are; null for parts of the item itself.</param>
public sealed record PartsReference(RunReference Run, int Index, ItemKind Kind, int First, int Count, int? TilesOf = null) : IStepInput
{
    /// <summary>
    /// Parts of a stretch that are done in one history of Durable Functions; a longer stretch is divided into at most as many shorter ones.
    /// </summary>
    public const int Size = 50;

    int? IStepInput.Index => Index;

    /// <summary>The parts of this stretch.</summary>
    public IEnumerable<ItemReference> Parts() => Enumerable.Range(First, Count)
        .Select(part => TilesOf is { } image ? new ItemReference(Run, Index, image, Tile: part) : new ItemReference(Run, Index, part));

    /// <summary>Shorter stretches that make up this one, in order, at most <see cref="Size"/>; as few as that allows.</summary>
    public IEnumerable<PartsReference> Divide()
    {
        var length = Size;
        while (Count > (long)length * Size) length *= Size;
        for (var done = 0; done < Count; done += length)
        {
            yield return this with { First = First + done, Count = Math.Min(length, Count - done) };
        }
    }
}

/// <summary>How many parts of a stretch went through all their steps, and how many did not.</summary>
public sealed record PartsTally(int Completed, int NotCompleted);
