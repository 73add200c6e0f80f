namespace MultiModal.Pipeline.Audio;

/// <summary>A recording, ready to be sent.</summary>
/// <param name="DurationSeconds">Of the original; 0 where it could not be told.</param>
/// <param name="SentSeconds">Sum over the pieces.</param>
/// <param name="Chunks">In order; never empty.</param>
/// <param name="Note">What the reader of the report should know (the picture was not looked at, the recording ends early), or null.</param>
public sealed record PreparedAudio(double DurationSeconds, double SentSeconds, IReadOnlyList<AudioChunk> Chunks, string? Note)
{
    /// <summary>All that is needed to put transcripts of the pieces together again, without the pieces.</summary>
    public AudioPlan Plan => new(
        DurationSeconds,
        SentSeconds,
        Note,
        [.. Chunks.Select(c => new AudioPlanChunk(c.MediaType, c.DurationSeconds, c.Bytes, c.Spans))]);
}

/// <summary>A piece of a recording, encoded for an engine.</summary>
/// <param name="FilePath">In the work directory that the caller gave and deletes. The same input and options make the same bytes.</param>
/// <param name="MediaType">Such as <c>audio/flac</c>.</param>
/// <param name="DurationSeconds">As sent; 0 where it could not be told (a compressed file passed on without ffmpeg).</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="Spans">What it holds, ascending; empty where its times are the original's.</param>
public sealed record AudioChunk(string FilePath, string MediaType, double DurationSeconds, long Bytes, IReadOnlyList<ChunkSpan> Spans);
