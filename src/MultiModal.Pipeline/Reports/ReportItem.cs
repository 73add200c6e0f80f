using System.Text.Json.Serialization;
using MultiModal.Pipeline.Inventory;

namespace MultiModal.Pipeline.Reports;

/// <summary>An item of the batch in its report. Of image, audio and text, the one that fits the kind is there.</summary>
public sealed record ReportItem
{
    /// <summary>Within the batch.</summary>
    public required string Name { get; init; }

    [JsonPropertyName("etag")]
    public required string ETag { get; init; }

    public required ItemKind Kind { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Null for a file that could not be read.</summary>
    public ContentHash? ContentHash { get; init; }

    public required ItemStatus Status { get; init; }

    /// <summary>Name of the item with the same content, which was processed for this one, too.</summary>
    public string? DuplicateOf { get; init; }

    public ReportError? Error { get; init; }

    /// <summary>Where the whole of a long text or a transcript with its times lies, relative to the batch's folder of results.</summary>
    public string? Detail { get; init; }

    public ReportImage? Image { get; init; }

    public ReportAudio? Audio { get; init; }

    /// <summary>Of a text item, shortened past 4 KB.</summary>
    public string? Text { get; init; }

    /// <summary>What to know of a text item (its encoding was guessed, a page is missing), or null.</summary>
    public string? TextNote { get; init; }

    /// <summary>What was done for this item; empty for a duplicate.</summary>
    public IReadOnlyList<ReportStep> Steps { get; init; } = [];
}
