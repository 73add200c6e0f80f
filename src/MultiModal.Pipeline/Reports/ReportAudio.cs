using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Reports;

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
