namespace MultiModal.Pipeline.Audio;

/// <summary>How a recording was cut. Serialisable; holds no paths.</summary>
/// <param name="DurationSeconds">Of the original; 0 where it could not be told.</param>
/// <param name="SentSeconds">Sum over the pieces.</param>
/// <param name="Note">What the reader of the report should know, or null.</param>
/// <param name="Chunks">In order; never empty.</param>
public sealed record AudioPlan(double DurationSeconds, double SentSeconds, string? Note, IReadOnlyList<AudioPlanChunk> Chunks);

/// <summary>A piece as the plan knows it.</summary>
/// <param name="MediaType">Such as <c>audio/flac</c>.</param>
/// <param name="DurationSeconds">As sent; 0 where it could not be told.</param>
/// <param name="Bytes">Of the encoded piece.</param>
/// <param name="Spans">What it holds, ascending; empty where its times are the original's.</param>
public sealed record AudioPlanChunk(string MediaType, double DurationSeconds, long Bytes, IReadOnlyList<ChunkSpan> Spans);

/// <summary>A stretch of the original recording within a piece. Between two spans something was left out.</summary>
/// <param name="ChunkStart">Where it begins in the piece, seconds.</param>
/// <param name="OriginalStart">Where it begins in the original recording, seconds.</param>
/// <param name="Seconds">How long it is, in both.</param>
public sealed record ChunkSpan(double ChunkStart, double OriginalStart, double Seconds);
