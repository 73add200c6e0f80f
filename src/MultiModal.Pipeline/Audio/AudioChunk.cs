namespace MultiModal.Pipeline.Audio;

/// <summary>A piece of a recording, encoded for an engine.</summary>
/// <param name="FilePath">In the work directory that the caller gave and deletes. The same input and options make the same bytes.</param>
/// <param name="MediaType">Such as <c>audio/flac</c>.</param>
/// <param name="DurationSeconds">As sent; 0 where it could not be told (a compressed file passed on without ffmpeg).</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="Spans">What it holds, ascending; empty where its times are the original's.</param>
public sealed record AudioChunk(string FilePath, string MediaType, double DurationSeconds, long Bytes, IReadOnlyList<ChunkSpan> Spans);
