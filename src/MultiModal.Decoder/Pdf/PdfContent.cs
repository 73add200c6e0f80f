namespace MultiModal.Decoder.Pdf;

/// <summary>Content of a PDF. A page may have a text and a picture, one of them, or neither.</summary>
/// <param name="Pages">Number of pages.</param>
/// <param name="Texts">The text layer, in the order of the pages.</param>
/// <param name="Pictures">Pictures of the pages that are scans, in the order of the pages.</param>
/// <param name="Notes">Sentences that say what could not be read.</param>
public sealed record PdfContent(int Pages, IReadOnlyList<PdfPageText> Texts, IReadOnlyList<PdfPicture> Pictures, IReadOnlyList<string> Notes);

/// <summary>The picture that a page consists of.</summary>
/// <param name="Page">Page number, from 1.</param>
/// <param name="File">Name of the file in the given folder.</param>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
public sealed record PdfPicture(int Page, string File, string MediaType);

/// <summary>The text layer of a page.</summary>
/// <param name="Page">Page number, from 1.</param>
/// <param name="Text">The text, which is not empty; its lines end with "\n".</param>
public sealed record PdfPageText(int Page, string Text);

/// <param name="Pictures">Maximum number of page images.</param>
/// <param name="Pixels">Maximum pixels of one image.</param>
/// <param name="Characters">Maximum characters of text.</param>
internal sealed record PdfLimits(int Pictures, long Pixels, int Characters);
