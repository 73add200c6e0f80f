namespace MultiModal.Decoder.Pdf;

/// <summary>Content of a PDF. A page may have a text and pictures, one of them, or neither.</summary>
/// <param name="Pages">Number of pages.</param>
/// <param name="Texts">Text layer, form fields and comments, in the order of the pages.</param>
/// <param name="Pictures">Pictures of the pages that are scans, and pictures beside text, in the order of the pages.</param>
/// <param name="Notes">Sentences that say what could not be read.</param>
/// <param name="Renderings">What has to be rendered to be seen, in the order of the pages; empty if nothing can be rendered.</param>
/// <param name="Unrendered">Pages of which something would have been rendered if that were possible, each once.</param>
public sealed record PdfContent(
    int Pages, IReadOnlyList<PdfPageText> Texts, IReadOnlyList<PdfPicture> Pictures, IReadOnlyList<string> Notes,
    IReadOnlyList<PdfRendering> Renderings, IReadOnlyList<int> Unrendered);

/// <summary>A picture that a page consists of or shows.</summary>
/// <param name="Page">Page number, from 1.</param>
/// <param name="File">Name of the file in the given folder.</param>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
public sealed record PdfPicture(int Page, string File, string MediaType);

/// <summary>A page, or a region of it, that has to be rendered.</summary>
/// <param name="Page">Page number, from 1.</param>
/// <param name="File">Name of the picture in the given folder, without the extension.</param>
/// <param name="Resolution">Dots an inch.</param>
/// <param name="Region">The region, in dots from the upper left corner of the page as shown; null for the whole page.</param>
public sealed record PdfRendering(int Page, string File, int Resolution, PdfRegion? Region);

/// <summary>A region of a rendered page, in dots.</summary>
public sealed record PdfRegion(int Left, int Top, int Width, int Height);

/// <summary>The text of a page.</summary>
/// <param name="Page">Page number, from 1.</param>
/// <param name="Text">The text, which is not empty; its lines end with "\n".</param>
public sealed record PdfPageText(int Page, string Text);

/// <param name="Pictures">Maximum number of page images.</param>
/// <param name="Pixels">Maximum pixels of one image.</param>
/// <param name="Characters">Maximum characters of text.</param>
/// <param name="Renders">Whether the caller can render pages.</param>
internal sealed record PdfLimits(int Pictures, long Pixels, int Characters, bool Renders);
