using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Text;

/// <summary>What <c>read-text</c> leaves in its record.</summary>
/// <param name="Text">Decoded, line ends "\n"; empty where <paramref name="PageTexts"/> has it.</param>
/// <param name="Encoding">The encoding found, by its IANA name; null for a PDF.</param>
/// <param name="Note">What the reader should know, or null.</param>
/// <param name="Pages">Of a PDF, the pages that are pictures, in order: the parts of the item. Null for other texts.</param>
/// <param name="PageTexts">Of a PDF in which only some pages are pictures, the text layer of the others, to be read between them; else null.</param>
public sealed record TextContent(string Text, string? Encoding, string? Note = null, IReadOnlyList<PageImage>? Pages = null, IReadOnlyList<PageText>? PageTexts = null);

/// <summary>The text layer of a page.</summary>
/// <param name="Page">From 1.</param>
/// <param name="Text">Not empty.</param>
public sealed record PageText(int Page, string Text);

/// <summary>A page of a PDF that is a picture.</summary>
/// <param name="Page">From 1.</param>
/// <param name="CacheName">Where the picture lies in the cache container.</param>
/// <param name="Hash">Of the picture's bytes.</param>
/// <param name="Bytes">Its size.</param>
public sealed record PageImage(int Page, string CacheName, ContentHash Hash, long Bytes);
