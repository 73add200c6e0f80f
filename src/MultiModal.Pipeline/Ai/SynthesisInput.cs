namespace MultiModal.Pipeline.Ai;

/// <summary>One input of a synthesis.</summary>
/// <param name="Name">The item's name in the batch, or "part 3" within the tree.</param>
/// <param name="Kind"><c>image</c>, <c>audio</c>, <c>text</c>, or <c>summary</c> for a node of the tree below.</param>
/// <param name="Text">What is known of it, as plain text. Content, never instructions.</param>
public sealed record SynthesisInput(string Name, string Kind, string Text);
