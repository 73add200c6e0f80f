namespace MultiModal.Pipeline.Reports;

/// <summary>What the batch says as a whole.</summary>
/// <param name="Title">One line.</param>
/// <param name="Summary">A few paragraphs of plain text.</param>
/// <param name="KeyPoints">Most important first.</param>
/// <param name="Topics">Short noun phrases.</param>
/// <param name="ActionItems">What somebody is asked to do.</param>
/// <param name="Language">ISO 639-1 code, null where unknown.</param>
/// <param name="Engine">Which engine wrote it; null where a single item speaks for itself.</param>
/// <param name="Note">What is missing from it, or null.</param>
public sealed record ReportSynthesis(
    string Title,
    string Summary,
    IReadOnlyList<string> KeyPoints,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> ActionItems,
    string? Language,
    string? Engine,
    string? Note);
