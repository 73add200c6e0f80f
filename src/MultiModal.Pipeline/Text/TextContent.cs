namespace MultiModal.Pipeline.Text;

/// <summary>What <c>read-text</c> leaves in its record.</summary>
/// <param name="Text">Decoded, line ends "\n".</param>
/// <param name="Encoding">The encoding found, by its IANA name.</param>
/// <param name="Note">What the reader should know, or null.</param>
public sealed record TextContent(string Text, string Encoding, string? Note = null);
