using MultiModal.Pipeline.Ai;

namespace MultiModal.Pipeline.Audio;

/// <summary>What a recording is prepared for.</summary>
/// <param name="Limits">Of the engine that will hear the pieces.</param>
/// <param name="ChunkSeconds">Target length of a piece.</param>
/// <param name="TrimSilence">Leave out silence at the ends and long pauses.</param>
public sealed record AudioRequest(SpeechLimits Limits, int ChunkSeconds, bool TrimSilence);
