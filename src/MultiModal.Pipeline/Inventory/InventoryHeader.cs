using System.Text.Json.Serialization;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Inventory;

/// <summary>
/// The result of a run's inventory as a whole. It is written last, after all pages: where there is a header, the inventory is complete.
/// </summary>
public sealed record InventoryHeader
{
    public required int Count { get; init; }

    /// <summary>Digest over names and ETags of all blobs of the batch, including ignored ones and <c>batch.json</c>.</summary>
    public required string Digest { get; init; }

    public required int Ignored { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required BatchOptions Options { get; init; }

    /// <summary>What was granted otherwise than the batch's options ask for, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>
    /// Whether the run looks for pictures that are the same (<c>Images:NearDuplicates</c>). It is set here, so that a run ends as it began.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NearDuplicates { get; init; }

    /// <summary>Why the batch as a whole cannot run.</summary>
    public Failure? Failure { get; init; }
}
