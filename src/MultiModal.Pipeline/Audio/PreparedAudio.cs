namespace MultiModal.Pipeline.Audio;

/// <summary>A recording that is ready to be sent.</summary>
/// <param name="DurationSeconds">Duration of the original, in seconds; 0 where it is unknown.</param>
/// <param name="SentSeconds">Total duration of the pieces, in seconds.</param>
/// <param name="Chunks">The pieces in order; never empty.</param>
/// <param name="Note">Note for the reader of the report (the picture was not looked at, the recording ends early), or null.</param>
/// <param name="Peaks">The waveform (<see cref="Waveform"/>); null where nothing was decoded.</param>
public sealed record PreparedAudio(
    double DurationSeconds, double SentSeconds, IReadOnlyList<AudioChunk> Chunks, string? Note, ReadOnlyMemory<byte>? Peaks = null)
{
    /// <summary>The data that puts transcripts of the pieces together again, without the pieces.</summary>
    public AudioPlan Plan => new(
        DurationSeconds,
        SentSeconds,
        Note,
        [.. Chunks.Select(c => new AudioPlanChunk(c.MediaType, c.DurationSeconds, c.Bytes, c.Spans, c.Speech))]);
}

/// <summary>A piece of a recording, encoded for an engine.</summary>
/// <param name="FilePath">Path in the work directory that the caller gave and deletes. The same input and options make the same bytes.</param>
/// <param name="MediaType">Media type, such as <c>audio/flac</c>.</param>
/// <param name="DurationSeconds">Duration as sent, in seconds; 0 where it is unknown (a compressed file passed on without ffmpeg).</param>
/// <param name="Bytes">Size of the file, in bytes.</param>
/// <param name="Spans">Stretches of the original that it holds, ascending; empty where its times are the original's.</param>
/// <param name="Speech">When somebody speaks in it; null unless that was asked for and is known.</param>
public sealed record AudioChunk(
    string FilePath,
    string MediaType,
    double DurationSeconds,
    long Bytes,
    IReadOnlyList<ChunkSpan> Spans,
    IReadOnlyList<SpeechStretch>? Speech = null);
