using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Reports;

/// <summary><c>items/{n}.json</c> of a run: what is too long for its report.</summary>
/// <param name="SchemaVersion">That of the report.</param>
/// <param name="Batch">The batch.</param>
/// <param name="RunSeq">The run.</param>
/// <param name="Name">The item's name in the batch.</param>
/// <param name="Kind">What the item is.</param>
/// <param name="Image">Of an image.</param>
/// <param name="Audio">Of a recording.</param>
/// <param name="Text">Of a text.</param>
public sealed record ItemDetail(
    int SchemaVersion,
    BatchName Batch,
    int RunSeq,
    string Name,
    ItemKind Kind,
    ImageAnalysis? Image,
    AudioDetail? Audio,
    string? Text);

/// <summary>A whole transcript with its times. The same as captions lies beside it, as <c>{n}.vtt</c> and <c>{n}.srt</c>.</summary>
/// <param name="DurationSeconds">Of the recording.</param>
/// <param name="Language">ISO 639-1 code, null where unknown.</param>
/// <param name="Transcript">The words.</param>
/// <param name="Segments">In order, in the recording's own time.</param>
/// <param name="Gaps">Pieces whose transcript is missing.</param>
public sealed record AudioDetail(
    double DurationSeconds,
    string? Language,
    string Transcript,
    IReadOnlyList<TranscriptSegment> Segments,
    IReadOnlyList<TranscriptGap> Gaps);
