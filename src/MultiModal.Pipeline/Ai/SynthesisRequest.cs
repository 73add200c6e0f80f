namespace MultiModal.Pipeline.Ai;

/// <summary>A group of inputs to make one document of.</summary>
/// <param name="Inputs">In inventory order; together at most <c>Ai:SynthesisInputTokens</c> by <see cref="TokenEstimate"/>.</param>
/// <param name="Instructions">The batch's own wishes ("minutes of a meeting"), null for none. They shape, they cannot break the schema.</param>
/// <param name="Language">ISO 639-1 code to write in, null for the language of the inputs.</param>
public sealed record SynthesisRequest(IReadOnlyList<SynthesisInput> Inputs, string? Instructions = null, string? Language = null);
