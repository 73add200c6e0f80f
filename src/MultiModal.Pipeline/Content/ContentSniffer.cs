namespace MultiModal.Pipeline.Content;

/// <summary>
/// Decides what a file is by its first bytes. The file's name decides only one thing: the kind of text that a text is.
/// A signature that could also begin a text ("BM", "ID3", "GIF89a") counts only in a file that is not text.
/// </summary>
public static class ContentSniffer
{
    /// <summary>Number of bytes that <see cref="Sniff"/> needs of a file; it gets fewer only where the file is shorter.</summary>
    public const int HeadLength = 64 << 10;

    /// <param name="head">The first <see cref="HeadLength"/> bytes, or the whole file if it is shorter.</param>
    /// <param name="name">The file's name, with or without folders.</param>
    /// <param name="length">Length of the whole file, in bytes.</param>
    public static SniffedContent Sniff(ReadOnlySpan<byte> head, string name, long length)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (length == 0) return Unsupported(FailureCodes.EmptyFile, null, "The file is empty.");
        return TextShape.Decode(head) is { } text ? SniffText(head, text, name) : SniffBinary(head, length);
    }

    private static SniffedContent SniffText(ReadOnlySpan<byte> head, string text, string name)
    {
        if (DocumentSignatures.IsPdf(head, isText: true)) return Pdf;
        if (DocumentSignatures.IsSvg(text))
            return Unsupported(
                FailureCodes.UnsupportedSvg, "image/svg+xml", "This is an SVG drawing, which is not rendered. Export it as PNG, and drop the PNG.");
        if (DocumentSignatures.TextualName(text) is { } what) return Unknown(what);
        return EncodedText.Recognise(text) is var (form, data)
            ? Encoded(form, data)
            : new SniffedContent(ItemKind.Text, TextShape.MediaType(name, text));
    }

    /// <summary>Such a file is named by what is in it, which is not read: what is worth reading would have been dropped itself.</summary>
    private static SniffedContent Encoded(string form, byte[] data)
    {
        var inside = data.Length == 0 ? null : Sniff(data.AsSpan(0, Math.Min(data.Length, HeadLength)), "", data.Length).MediaType;
        return Unsupported(
            FailureCodes.EncodedContent, null,
            $"The file is {form}{(inside is null ? "" : $" of {inside}")}, and no text to read. Decode it, and drop what is in it.");
    }

    private static SniffedContent SniffBinary(ReadOnlySpan<byte> head, long length)
    {
        if (DocumentSignatures.IsPdf(head, isText: false)) return Pdf;
        if (CameraRaw.Name(head) is { } raw) return Unknown(raw);
        if (ImageSignatures.MediaType(head) is { } image) return new SniffedContent(ItemKind.Image, image);
        if (AudioSignatures.MediaType(head, length) is { } audio) return new SniffedContent(ItemKind.Audio, audio);
        return Unknown(DocumentSignatures.BinaryName(head));
    }

    private static SniffedContent Pdf => new(ItemKind.Text, "application/pdf");

    private static SniffedContent Unknown(string? what) => Unsupported(FailureCodes.UnknownFormat, null, what is null
        ? "The file's format is not known; images, recordings, videos, PDF and plain text are."
        : $"This is {what}, which is not supported. Images, recordings, videos, PDF and plain text are.");

    private static SniffedContent Unsupported(string code, string? mediaType, string message) =>
        new(ItemKind.Unsupported, mediaType, new Failure(code, message));
}

/// <summary>The kind of a file, recognised by its first bytes.</summary>
/// <param name="Kind">Kind of the file; <see cref="ItemKind.Unsupported"/> exactly where <paramref name="Unsupported"/> is given.</param>
/// <param name="MediaType">Media type, such as <c>image/heic</c> or <c>application/pdf</c>; null where it is not known.</param>
/// <param name="Unsupported">Reason why no step can take it: <c>empty-file</c>, <c>unsupported-svg</c>,
/// <c>encoded-content</c> or <c>unknown-format</c>.</param>
public sealed record SniffedContent(ItemKind Kind, string? MediaType, Failure? Unsupported = null);
