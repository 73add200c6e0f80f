namespace MultiModal.Pipeline.Ai;

/// <summary>The engines of a host; null for a capability that is off.</summary>
/// <param name="Vision">The engine that looks at images.</param>
/// <param name="Speech">The engine that transcribes recordings.</param>
/// <param name="Text">The engine that writes the synthesis.</param>
/// <param name="SynthesisInputTokens">Largest input of one <see cref="SynthesisRequest"/>, by <see cref="TokenEstimate"/>:
/// <c>Ai:SynthesisInputTokens</c>, or less where the text model's context window holds less.</param>
public sealed record EngineSet(IVisionEngine? Vision, ISpeechEngine? Speech, ITextEngine? Text, int SynthesisInputTokens)
{
    /// <summary>The engine that makes pictures.</summary>
    public IPictureEngine? Pictures { get; init; }
}
