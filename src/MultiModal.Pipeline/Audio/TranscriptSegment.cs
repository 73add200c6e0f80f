namespace MultiModal.Pipeline.Audio;

/// <summary>A stretch of speech. Times are seconds from the start of what was transcribed.</summary>
public sealed record TranscriptSegment(double StartSeconds, double EndSeconds, string Text);
