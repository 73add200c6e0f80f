using System.Text.Json.Serialization;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;

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

/// <summary>A recording in a report.</summary>
/// <param name="DurationSeconds">Of the recording.</param>
/// <param name="SentSeconds">Of what the engine listened to.</param>
/// <param name="Chunks">Pieces that it was sent in.</param>
/// <param name="Transcript">Shortened past 4 KB, whole in the detail; null where none was made.</param>
/// <param name="Language">ISO 639-1 code, null where unknown.</param>
/// <param name="Gaps">Pieces whose transcript is missing.</param>
/// <param name="Note">What to know of it, or null.</param>
public sealed record ReportAudio(
    double DurationSeconds,
    double SentSeconds,
    int Chunks,
    string? Transcript,
    string? Language,
    IReadOnlyList<TranscriptGap> Gaps,
    string? Note);

/// <summary>An image in a report.</summary>
/// <param name="Width">As seen, pixels.</param>
/// <param name="Height">As seen, pixels.</param>
/// <param name="SentWidth">Of what the engine looked at, pixels.</param>
/// <param name="SentHeight">Of what the engine looked at, pixels.</param>
/// <param name="SentBytes">Of what the engine looked at.</param>
/// <param name="Description">Null where the engine can only read text, or has not looked.</param>
/// <param name="Text">The visible text, shortened past 4 KB; null where no engine has looked.</param>
/// <param name="Tags">Short nouns.</param>
/// <param name="Note">What to know of it (first page of 12), or null.</param>
public sealed record ReportImage(
    int Width,
    int Height,
    int SentWidth,
    int SentHeight,
    long SentBytes,
    string? Description,
    string? Text,
    IReadOnlyList<string> Tags,
    string? Note);
