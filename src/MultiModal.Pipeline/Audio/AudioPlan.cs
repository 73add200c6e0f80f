namespace MultiModal.Pipeline.Audio;

/// <summary>How a recording was cut. Serialisable; holds no paths.</summary>
/// <param name="DurationSeconds">Of the original; 0 where it could not be told.</param>
/// <param name="SentSeconds">Sum over the pieces.</param>
/// <param name="Note">What the reader of the report should know, or null.</param>
/// <param name="Chunks">In order; never empty.</param>
public sealed record AudioPlan(double DurationSeconds, double SentSeconds, string? Note, IReadOnlyList<AudioPlanChunk> Chunks);
