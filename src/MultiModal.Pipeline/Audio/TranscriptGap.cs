namespace MultiModal.Pipeline.Audio;

/// <summary>A piece whose transcript is missing. Times in the original recording, seconds.</summary>
/// <param name="Chunk">Index of the piece, from 0.</param>
/// <param name="StartSeconds">Where it begins.</param>
/// <param name="EndSeconds">Where it ends.</param>
public sealed record TranscriptGap(int Chunk, double StartSeconds, double EndSeconds);
