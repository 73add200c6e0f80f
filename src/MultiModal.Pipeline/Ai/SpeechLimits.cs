namespace MultiModal.Pipeline.Ai;

/// <summary>What a speech engine takes in one request.</summary>
/// <param name="MaxBytes">Size of the file sent.</param>
/// <param name="MaxSeconds">Duration of the piece; <see cref="double.PositiveInfinity"/> where only bytes are limited.</param>
/// <param name="MediaTypes">What it decodes itself, as <c>audio/…</c> or <c>video/…</c>; all engines take <c>audio/wav</c>.</param>
/// <param name="PreferredMediaType">What chunks are best encoded as: <c>audio/wav</c> for local programs, a compact lossless or speech codec for services.</param>
public sealed record SpeechLimits(long MaxBytes, double MaxSeconds, IReadOnlyList<string> MediaTypes, string PreferredMediaType);
