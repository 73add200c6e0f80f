using System.Text.Json.Serialization;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Reports;

/// <summary>An item of the batch in its report. Of image, audio and text, only the one that fits the kind is set.</summary>
public sealed record ReportItem
{
    /// <summary>Name within the batch.</summary>
    public required string Name { get; init; }

    [JsonPropertyName("etag")]
    public required string ETag { get; init; }

    public required ItemKind Kind { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Hash of the content; null for a file that could not be read.</summary>
    public ContentHash? ContentHash { get; init; }

    public required ItemStatus Status { get; init; }

    /// <summary>Name of the item with the same content, whose results are valid for this one too.</summary>
    public string? DuplicateOf { get; init; }

    /// <summary>
    /// Name of the picture that is the same as this one, encoded or resized differently, whose results are valid for this one too; null where there
    /// is none, or nobody looked for one.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SimilarTo { get; init; }

    /// <summary>How far the two pictures differ where they differ the most, from 0 to 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Distance { get; init; }

    public ReportError? Error { get; init; }

    /// <summary>Path of the full text or transcript if it is too long for the report, relative to the batch's folder of results.</summary>
    public string? Detail { get; init; }

    public ReportImage? Image { get; init; }

    public ReportAudio? Audio { get; init; }

    /// <summary>Text of a text item, shortened past 4 KB.</summary>
    public string? Text { get; init; }

    /// <summary>Note about a text item (its encoding was guessed, a page is missing), or null.</summary>
    public string? TextNote { get; init; }

    /// <summary>What is missing of the item although it succeeded.</summary>
    public IReadOnlyList<ReportError> Warnings { get; init; } = [];

    /// <summary>Steps done for this item; empty for a duplicate.</summary>
    public IReadOnlyList<ReportStep> Steps { get; init; } = [];
}

/// <summary>A recording in a report.</summary>
/// <param name="DurationSeconds">Duration of the recording, in seconds.</param>
/// <param name="SentSeconds">Duration that was sent to the engine, in seconds.</param>
/// <param name="Chunks">Number of pieces in which it was sent.</param>
/// <param name="Transcript">Transcript, shortened past 4 KB and complete in the detail; null if none was made.</param>
/// <param name="Language">ISO 639-1 code of the language; null if unknown.</param>
/// <param name="Gaps">Pieces whose transcript is missing.</param>
/// <param name="Note">Note about the recording, or null.</param>
/// <param name="Speakers">Who speaks, in the order in which they are first heard; null unless speakers were told apart.</param>
public sealed record ReportAudio(
    double DurationSeconds,
    double SentSeconds,
    int Chunks,
    string? Transcript,
    string? Language,
    IReadOnlyList<TranscriptGap> Gaps,
    string? Note,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ReportSpeaker>? Speakers = null);

/// <summary>Somebody who speaks in a recording.</summary>
/// <param name="Name">As in the transcript.</param>
/// <param name="Seconds">How long they speak in all, in seconds.</param>
public sealed record ReportSpeaker(string Name, double Seconds)
{
    /// <returns>Null if nobody is named.</returns>
    internal static IReadOnlyList<ReportSpeaker>? Of(Transcript? transcript)
    {
        var named = transcript?.Segments.Where(s => s.Speaker is not null).GroupBy(s => s.Speaker!)
            .Select(s => new ReportSpeaker(s.Key, Math.Round(s.Sum(segment => segment.EndSeconds - segment.StartSeconds), 1))).ToList();
        return named is { Count: > 0 } ? named : null;
    }
}

/// <summary>An image in a report.</summary>
/// <param name="Width">Width as displayed, in pixels.</param>
/// <param name="Height">Height as displayed, in pixels.</param>
/// <param name="SentWidth">Width of the image sent to the engine, in pixels.</param>
/// <param name="SentHeight">Height of the image sent to the engine, in pixels.</param>
/// <param name="SentBytes">Size of the image sent to the engine, in bytes.</param>
/// <param name="Description">Description; null if the engine can only read text, or has not looked.</param>
/// <param name="Text">The visible text, shortened past 4 KB; null if no engine has looked.</param>
/// <param name="Tags">Short nouns that describe the image.</param>
/// <param name="Note">Note about the image (first page of 12), or null.</param>
/// <param name="Tiles">
/// Number of tiles in which the image was sent; null if it was sent whole. What was sent is then the sum of the tiles, in the size of the whole.
/// </param>
/// <param name="Pages">Number of pages of a TIFF that were to be looked at; null for one page. Sizes are those of the first page.</param>
public sealed record ReportImage(
    int Width,
    int Height,
    int SentWidth,
    int SentHeight,
    long SentBytes,
    string? Description,
    string? Text,
    IReadOnlyList<string> Tags,
    string? Note,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Tiles = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Pages = null);
