using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Text;

/// <summary>Result of <c>read-text</c>, as stored in its record.</summary>
/// <param name="Text">Decoded text with line ends "\n"; empty if <paramref name="PageTexts"/> holds it.</param>
/// <param name="Encoding">IANA name of the detected encoding; null for a PDF.</param>
/// <param name="Note">Note for the reader, or null.</param>
/// <param name="Pages">
/// Pages of a PDF that are pictures, and pictures on its other pages, in order, which are the parts of the item; null for other texts.
/// </param>
/// <param name="PageTexts">Texts of the pages if a PDF has pictures, to be read before those of the same page; otherwise null.</param>
/// <param name="Warnings">Reasons why another reading may find more; null for none.</param>
/// <param name="Former">
/// For a web page, the text that versions before 1.1.0 read of it, with all its tags: answers that were paid for are found by it. Otherwise null.
/// </param>
public sealed record TextContent(
    string Text, string? Encoding, string? Note = null, IReadOnlyList<PageImage>? Pages = null, IReadOnlyList<PageText>? PageTexts = null,
    IReadOnlyList<Failure>? Warnings = null, string? Former = null);

/// <summary>The text of a page.</summary>
/// <param name="Page">Page number, from 1.</param>
/// <param name="Text">The text, which is not empty.</param>
public sealed record PageText(int Page, string Text);

/// <summary>A page of a PDF that is a picture, or a picture on a page.</summary>
/// <param name="Page">Page number, from 1.</param>
/// <param name="CacheName">Name of the picture in the cache container.</param>
/// <param name="Hash">Hash of the picture's bytes.</param>
/// <param name="Bytes">Size of the picture, in bytes.</param>
public sealed record PageImage(int Page, string CacheName, ContentHash Hash, long Bytes);
