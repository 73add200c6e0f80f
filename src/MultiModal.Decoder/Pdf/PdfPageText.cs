namespace MultiModal.Decoder.Pdf;

/// <summary>The text layer of a page.</summary>
/// <param name="Page">Page number, from 1.</param>
/// <param name="Text">The text, which is not empty; its lines end with "\n".</param>
public sealed record PdfPageText(int Page, string Text);
