namespace MultiModal.Decoder.Pdf;

/// <summary>The text layer of a page.</summary>
/// <param name="Page">From 1.</param>
/// <param name="Text">Not empty; lines end with "\n".</param>
public sealed record PdfPageText(int Page, string Text);
