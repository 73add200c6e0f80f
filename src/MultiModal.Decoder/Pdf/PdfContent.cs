namespace MultiModal.Decoder.Pdf;

/// <summary>Content of a PDF. A page may have a text and a picture, one of them, or neither.</summary>
/// <param name="Pages">Number of pages.</param>
/// <param name="Texts">The text layer, in the order of the pages.</param>
/// <param name="Pictures">Pictures of the pages that are scans, in the order of the pages.</param>
/// <param name="Notes">Sentences that say what could not be read.</param>
public sealed record PdfContent(int Pages, IReadOnlyList<PdfPageText> Texts, IReadOnlyList<PdfPicture> Pictures, IReadOnlyList<string> Notes);
