namespace MultiModal.Pipeline.Reports;

/// <summary>An image in a report.</summary>
/// <param name="Width">As seen, pixels.</param>
/// <param name="Height">As seen, pixels.</param>
/// <param name="SentWidth">Of what the engine looked at, pixels.</param>
/// <param name="SentHeight">Of what the engine looked at, pixels.</param>
/// <param name="SentBytes">Of what the engine looked at.</param>
/// <param name="Description">Null where the engine can only read text, or has not looked.</param>
/// <param name="Text">The visible text, shortened past 4 KB; null where no engine has looked.</param>
/// <param name="Tags">Short nouns.</param>
/// <param name="Note">What to know of it (first page of 12), or null.</param>
public sealed record ReportImage(
    int Width,
    int Height,
    int SentWidth,
    int SentHeight,
    long SentBytes,
    string? Description,
    string? Text,
    IReadOnlyList<string> Tags,
    string? Note);
