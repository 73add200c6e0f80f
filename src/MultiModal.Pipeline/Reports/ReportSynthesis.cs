namespace MultiModal.Pipeline.Reports;

/// <summary>Summary of the batch as a whole.</summary>
/// <param name="Title">Title of one line.</param>
/// <param name="Summary">Summary in a few paragraphs of plain text.</param>
/// <param name="KeyPoints">Key points, the most important first.</param>
/// <param name="Topics">Topics as short noun phrases.</param>
/// <param name="ActionItems">Tasks that the content asks somebody to do.</param>
/// <param name="Language">ISO 639-1 code of the language; null if unknown.</param>
/// <param name="Engine">Engine that wrote it; null if a single item is its own summary.</param>
/// <param name="Note">Note about missing parts, or null.</param>
public sealed record ReportSynthesis(
    string Title,
    string Summary,
    IReadOnlyList<string> KeyPoints,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> ActionItems,
    string? Language,
    string? Engine,
    string? Note);
