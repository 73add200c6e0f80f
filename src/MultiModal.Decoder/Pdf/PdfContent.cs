namespace MultiModal.Decoder.Pdf;

/// <summary>What is in a PDF. A page may have a text and a picture, one of them, or neither.</summary>
/// <param name="Pages">How many there are.</param>
/// <param name="Texts">The text layer, in the order of the pages.</param>
/// <param name="Pictures">Of pages that are pictures, in their order.</param>
/// <param name="Notes">What could not be read, in sentences.</param>
public sealed record PdfContent(int Pages, IReadOnlyList<PdfPageText> Texts, IReadOnlyList<PdfPicture> Pictures, IReadOnlyList<string> Notes);
