using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;

namespace MultiModal.Pipeline.Runs;

/// <summary>An item with all that its steps found out, whole.</summary>
public sealed record AssembledItem
{
    public required InventoryItem Item { get; init; }

    public required ItemStatus Status { get; init; }

    /// <summary>Null for an item that succeeded.</summary>
    public Failure? Error { get; init; }

    /// <summary>Parts (pieces of a recording, pages of a scan) that were lost although the item succeeded.</summary>
    public IReadOnlyList<Failure> Lost { get; init; } = [];

    /// <summary>What was sent of an image; null where it never came to that.</summary>
    public OptimizedImageRecord? Sent { get; init; }

    public ImageAnalysis? Analysis { get; init; }

    public AudioPlan? Audio { get; init; }

    public StitchedTranscript? Transcript { get; init; }

    /// <summary>Of a text item, that of its pages included.</summary>
    public string? Text { get; init; }

    /// <summary>What the reader of the report should know, or null.</summary>
    public string? Note { get; init; }

    /// <summary>In the order of the workflow.</summary>
    public required IReadOnlyList<StepRecord> Steps { get; init; }
}

/// <summary>How an item ended, as its report says.</summary>
public enum ItemStatus
{
    Succeeded,
    Failed,

    /// <summary>Left out on purpose: the engine it needs is off, or the budget does not reach.</summary>
    Skipped,

    /// <summary>Of a kind that the product does not read.</summary>
    Unsupported,

    /// <summary>The run was cancelled before the item was done.</summary>
    Cancelled,
}
