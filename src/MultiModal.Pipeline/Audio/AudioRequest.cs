using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Audio;

/// <summary>The request to prepare a recording for an engine.</summary>
/// <param name="Limits">Limits of the engine that will transcribe the pieces.</param>
/// <param name="ChunkSeconds">Target length of a piece, in seconds.</param>
/// <param name="TrimSilence">Whether silence at the ends and long pauses are left out.</param>
/// <param name="MapsSpeech">Whether it is written down when somebody speaks, because the engine does not say it.</param>
public sealed record AudioRequest(
    SpeechLimits Limits,
    int ChunkSeconds,
    bool TrimSilence,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool MapsSpeech = false);

/// <summary>The limits of a speech engine for one request.</summary>
/// <param name="MaxBytes">Largest size of the file sent, in bytes.</param>
/// <param name="MaxSeconds">Longest duration of the piece, in seconds; <see cref="double.PositiveInfinity"/> where only bytes are limited.</param>
/// <param name="MediaTypes">Media types that it decodes itself, as <c>audio/…</c> or <c>video/…</c>; all engines take <c>audio/wav</c>.</param>
/// <param name="PreferredMediaType">Best encoding of the chunks: <c>audio/wav</c> for local programs, a compact lossless or speech codec for
/// services.</param>
public sealed record SpeechLimits(long MaxBytes, double MaxSeconds, IReadOnlyList<string> MediaTypes, string PreferredMediaType);
