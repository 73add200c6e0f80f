namespace MultiModal.Pipeline.Text;

/// <summary>What <c>read-text</c> leaves in its record.</summary>
/// <param name="Text">Decoded, line ends "\n".</param>
/// <param name="Encoding">The encoding found, by its IANA name; null for a PDF.</param>
/// <param name="Note">What the reader should know, or null.</param>
/// <param name="Pages">Of a PDF, the pages that are pictures, in order: the parts of the item. Null for other texts.</param>
public sealed record TextContent(string Text, string? Encoding, string? Note = null, IReadOnlyList<PageImage>? Pages = null);
