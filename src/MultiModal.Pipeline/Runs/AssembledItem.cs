using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;

namespace MultiModal.Pipeline.Runs;

/// <summary>An item with the complete results of its steps.</summary>
public sealed record AssembledItem
{
    public required InventoryItem Item { get; init; }

    public required ItemStatus Status { get; init; }

    /// <summary>The failure; null for an item that succeeded.</summary>
    public Failure? Error { get; init; }

    /// <summary>Parts (pieces of a recording, pages of a scan) that were lost although the item succeeded.</summary>
    public IReadOnlyList<Failure> Lost { get; init; } = [];

    /// <summary>What is missing of the item although it succeeded, each kind once.</summary>
    public IReadOnlyList<Failure> Warnings { get; init; } = [];

    /// <summary>The image that was sent; null if none was sent.</summary>
    public OptimizedImageRecord? Sent { get; init; }

    public ImageAnalysis? Analysis { get; init; }

    /// <summary>Number of pages of an image that were to be looked at, if there are several.</summary>
    public int? Pages { get; init; }

    public AudioPlan? Audio { get; init; }

    public StitchedTranscript? Transcript { get; init; }

    /// <summary>Text of a text item, including the text of its pages.</summary>
    public string? Text { get; init; }

    /// <summary>Note for the reader of the report, or null.</summary>
    public string? Note { get; init; }

    /// <summary>Records in the order of the workflow.</summary>
    public required IReadOnlyList<StepRecord> Steps { get; init; }
}

/// <summary>Outcome of an item, as shown in its report.</summary>
public enum ItemStatus
{
    Succeeded,
    Failed,

    /// <summary>The item was left out on purpose: the engine it needs is off, or the budget is not sufficient.</summary>
    Skipped,

    /// <summary>The item is of a kind that the product does not read.</summary>
    Unsupported,

    /// <summary>The run was cancelled before the item was done.</summary>
    Cancelled,
}
