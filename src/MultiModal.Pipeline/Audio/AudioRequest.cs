namespace MultiModal.Pipeline.Audio;

/// <summary>What a recording is prepared for.</summary>
/// <param name="Limits">Of the engine that will hear the pieces.</param>
/// <param name="ChunkSeconds">Target length of a piece.</param>
/// <param name="TrimSilence">Leave out silence at the ends and long pauses.</param>
public sealed record AudioRequest(SpeechLimits Limits, int ChunkSeconds, bool TrimSilence);

/// <summary>What a speech engine takes in one request.</summary>
/// <param name="MaxBytes">Size of the file sent.</param>
/// <param name="MaxSeconds">Duration of the piece; <see cref="double.PositiveInfinity"/> where only bytes are limited.</param>
/// <param name="MediaTypes">What it decodes itself, as <c>audio/…</c> or <c>video/…</c>; all engines take <c>audio/wav</c>.</param>
/// <param name="PreferredMediaType">What chunks are best encoded as: <c>audio/wav</c> for local programs, a compact lossless or speech codec for services.</param>
public sealed record SpeechLimits(long MaxBytes, double MaxSeconds, IReadOnlyList<string> MediaTypes, string PreferredMediaType);
