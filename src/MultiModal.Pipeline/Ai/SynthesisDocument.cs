using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Ai;

/// <summary>The summary of a whole batch (or, within the tree, of a group of its items).</summary>
/// <param name="Title">Title in one line.</param>
/// <param name="Summary">Summary in a few paragraphs of plain text.</param>
/// <param name="KeyPoints">Key points, most important first.</param>
/// <param name="Topics">Topics as short noun phrases.</param>
/// <param name="ActionItems">Tasks that somebody is asked to do; empty where there are none.</param>
/// <param name="Language">ISO 639-1 code of the document's language; null where the engine does not know.</param>
/// <param name="Cut">True if the model's answer ended at its maximum length: what follows is missing.</param>
public sealed record SynthesisDocument(
    string Title,
    string Summary,
    IReadOnlyList<string> KeyPoints,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> ActionItems,
    string? Language,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Cut = false);
