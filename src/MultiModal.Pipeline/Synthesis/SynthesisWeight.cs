namespace MultiModal.Pipeline.Synthesis;

/// <summary>What the grouping knows of an input.</summary>
/// <param name="Tokens">What it takes of a group.</param>
/// <param name="Priority">From the hash of its content: where groups are cut depends on this alone.</param>
internal readonly record struct SynthesisWeight(int Tokens, ulong Priority);
