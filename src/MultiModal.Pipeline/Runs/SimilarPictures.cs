using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Runs;

/// <summary>
/// What a round of <c>find-duplicates</c> found: pictures of a run that are the same as an earlier one, encoded or resized differently. Each round is
/// stored once and never changes. Round 0 comes before a model is asked about any picture; each later one deals with pictures whose representative
/// failed.
/// </summary>
/// <param name="Pictures">The pictures that no model is asked about, in inventory order.</param>
/// <param name="Released">
/// Positions in the inventory of those that a model is asked about after all, because their representative failed, in order.
/// </param>
public sealed record SimilarPictures(IReadOnlyList<SimilarPicture> Pictures, IReadOnlyList<int> Released)
{
    /// <summary>The last round: what it cannot settle, each picture settles for itself.</summary>
    public const int LastRound = 3;

    public static SimilarPictures None { get; } = new([], []);

    /// <summary>The pictures by their positions in the inventory.</summary>
    public IReadOnlyDictionary<int, SimilarPicture> ByIndex() => Pictures.ToDictionary(picture => picture.Index);
}

/// <summary>A picture that is the same as an earlier one.</summary>
/// <param name="Index">Position in the inventory, from 0.</param>
/// <param name="Of">Position of its representative: the first in inventory order.</param>
/// <param name="Distance">How far the two differ where they differ the most: 0 for equal pixels, 1 for the most that counts as the same.</param>
public sealed record SimilarPicture(int Index, int Of, double Distance);

/// <summary>A round of the search for pictures that are the same.</summary>
public sealed record DuplicateSearch(RunReference Run, int Round) : IStepInput;

/// <summary>How many pictures are the same as another one, and of how many a model is asked after all.</summary>
public sealed record DuplicatesFound(int Similar, int Released);
