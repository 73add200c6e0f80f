namespace MultiModal.Pipeline.Ai;

/// <summary>What an engine saw in an image.</summary>
/// <param name="Description">What the image shows; null where the engine can only read text (OCR).</param>
/// <param name="Text">The visible text, lines separated by "\n"; empty if there is none.</param>
/// <param name="Tags">Up to 12 short lowercase nouns; empty where the engine knows none.</param>
public sealed record ImageAnalysis(string? Description, string Text, IReadOnlyList<string> Tags);
