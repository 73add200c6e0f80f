namespace MultiModal.Pipeline.Audio;

/// <summary>A stretch of the original recording within a piece. Between two spans something was left out.</summary>
/// <param name="ChunkStart">Where it begins in the piece, seconds.</param>
/// <param name="OriginalStart">Where it begins in the original recording, seconds.</param>
/// <param name="Seconds">How long it is, in both.</param>
public sealed record ChunkSpan(double ChunkStart, double OriginalStart, double Seconds);
