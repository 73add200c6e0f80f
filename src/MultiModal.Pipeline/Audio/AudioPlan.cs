using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Audio;

/// <summary>A record of how a recording was cut. It is serialisable and holds no paths.</summary>
/// <param name="DurationSeconds">Duration of the original, in seconds; 0 where it is unknown.</param>
/// <param name="SentSeconds">Total duration of the pieces, in seconds.</param>
/// <param name="Note">Note for the reader of the report, or null.</param>
/// <param name="Chunks">The pieces in order; never empty.</param>
public sealed record AudioPlan(double DurationSeconds, double SentSeconds, string? Note, IReadOnlyList<AudioPlanChunk> Chunks);

/// <summary>A piece of the recording in the plan.</summary>
/// <param name="MediaType">Media type, such as <c>audio/flac</c>.</param>
/// <param name="DurationSeconds">Duration of the piece as sent, in seconds; 0 where it is unknown.</param>
/// <param name="Bytes">Size of the encoded piece, in bytes.</param>
/// <param name="Spans">Stretches of the original that it holds, ascending; empty where its times are the original's.</param>
/// <param name="Speech">When somebody speaks in it; null where the engine tells times itself, or that is not known.</param>
public sealed record AudioPlanChunk(
    string MediaType,
    double DurationSeconds,
    long Bytes,
    IReadOnlyList<ChunkSpan> Spans,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<SpeechStretch>? Speech = null);

/// <summary>A stretch of speech between two pauses.</summary>
/// <param name="StartSeconds">When it begins, in seconds of the original recording.</param>
/// <param name="EndSeconds">When it ends, in seconds of the original recording.</param>
public sealed record SpeechStretch(double StartSeconds, double EndSeconds)
{
    [JsonIgnore]
    public double Seconds => EndSeconds - StartSeconds;
}

/// <summary>A stretch of the original recording within a piece. Between two spans something was left out.</summary>
/// <param name="ChunkStart">Beginning of the stretch in the piece, in seconds.</param>
/// <param name="OriginalStart">Beginning of the stretch in the original recording, in seconds.</param>
/// <param name="Seconds">Length of the stretch in both, in seconds.</param>
public sealed record ChunkSpan(double ChunkStart, double OriginalStart, double Seconds);
