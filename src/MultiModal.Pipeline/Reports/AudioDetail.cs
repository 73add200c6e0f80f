using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Reports;

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
