namespace MultiModal.Pipeline.Ai;

/// <summary>What a batch says as a whole (or, within the tree, what a group of its items says).</summary>
/// <param name="Title">One line.</param>
/// <param name="Summary">A few paragraphs of plain text.</param>
/// <param name="KeyPoints">Most important first.</param>
/// <param name="Topics">Short noun phrases.</param>
/// <param name="ActionItems">What somebody is asked to do; empty where nothing is.</param>
/// <param name="Language">ISO 639-1 code of the language this is written in, null where the engine does not know.</param>
public sealed record SynthesisDocument(
    string Title,
    string Summary,
    IReadOnlyList<string> KeyPoints,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> ActionItems,
    string? Language);
