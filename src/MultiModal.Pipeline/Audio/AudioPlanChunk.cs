namespace MultiModal.Pipeline.Audio;

/// <summary>A piece as the plan knows it.</summary>
/// <param name="MediaType">Such as <c>audio/flac</c>.</param>
/// <param name="DurationSeconds">As sent; 0 where it could not be told.</param>
/// <param name="Bytes">Of the encoded piece.</param>
/// <param name="Spans">What it holds, ascending; empty where its times are the original's.</param>
public sealed record AudioPlanChunk(string MediaType, double DurationSeconds, long Bytes, IReadOnlyList<ChunkSpan> Spans);
