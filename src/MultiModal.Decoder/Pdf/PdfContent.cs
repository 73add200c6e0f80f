namespace MultiModal.Decoder.Pdf;

/// <summary>What is in a PDF.</summary>
/// <param name="Pages">How many there are.</param>
/// <param name="Text">The text layer, pages separated by an empty line; empty where there is none.</param>
/// <param name="Pictures">Of pages that are pictures, in their order.</param>
/// <param name="Notes">What could not be read, in sentences.</param>
public sealed record PdfContent(int Pages, string Text, IReadOnlyList<PdfPicture> Pictures, IReadOnlyList<string> Notes);
