using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Reports;

/// <summary>Content of <c>items/{n}.json</c> of a run: the parts of an item that are too long for its report.</summary>
/// <param name="SchemaVersion">Schema version of the report.</param>
/// <param name="Batch">The batch.</param>
/// <param name="RunSeq">The run.</param>
/// <param name="Name">The item's name in the batch.</param>
/// <param name="Kind">Kind of the item.</param>
/// <param name="Image">Detail of an image.</param>
/// <param name="Audio">Detail of a recording.</param>
/// <param name="Text">Text of a text item.</param>
public sealed record ItemDetail(
    int SchemaVersion,
    BatchName Batch,
    int RunSeq,
    string Name,
    ItemKind Kind,
    ImageAnalysis? Image,
    AudioDetail? Audio,
    string? Text);

/// <summary>A complete transcript with its times. It is also stored as captions, in <c>{n}.vtt</c> and <c>{n}.srt</c>.</summary>
/// <param name="DurationSeconds">Duration of the recording, in seconds.</param>
/// <param name="Language">ISO 639-1 code of the language; null if unknown.</param>
/// <param name="Transcript">The full text.</param>
/// <param name="Segments">Segments in order, with times of the recording.</param>
/// <param name="Gaps">Pieces whose transcript is missing.</param>
public sealed record AudioDetail(
    double DurationSeconds,
    string? Language,
    string Transcript,
    IReadOnlyList<TranscriptSegment> Segments,
    IReadOnlyList<TranscriptGap> Gaps);
