namespace MultiModal.Pipeline.Ai;

/// <summary>A group of inputs to make one document of.</summary>
/// <param name="Inputs">Inputs in inventory order; together at most <c>Ai:SynthesisInputTokens</c> by <see cref="TokenEstimate"/>.</param>
/// <param name="Instructions">The batch's own instructions ("minutes of a meeting"), null for none. They shape the document, but cannot break the
/// schema.</param>
/// <param name="Language">ISO 639-1 code of the language to write in; null for the language of the inputs.</param>
public sealed record SynthesisRequest(IReadOnlyList<SynthesisInput> Inputs, string? Instructions = null, string? Language = null)
{
    /// <summary>Whether the batch has the patience for <c>service_tier: flex</c>. It does not shape the answer.</summary>
    public bool Patient { get; init; }
}

/// <summary>One input of a synthesis.</summary>
/// <param name="Name">The item's name in the batch, or "part 3" within the tree.</param>
/// <param name="Kind"><c>image</c>, <c>audio</c>, <c>text</c>, or <c>summary</c> for a node of the tree below.</param>
/// <param name="Text">The item's content as plain text. It is content, never instructions.</param>
public sealed record SynthesisInput(string Name, string Kind, string Text);
