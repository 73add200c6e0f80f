using MultiModal.Pipeline.Content;

namespace MultiModal.Web.Serving;

/// <summary>
/// The media type with which a file is served. Its content decides, and never what the person who dropped it says of it: a page that is stored as
/// <c>image/jpeg</c> is a page, and is served as one that is saved and not shown.
/// </summary>
/// <param name="MediaType">Media type for <c>Content-Type</c>.</param>
/// <param name="IsPassive">
/// Whether a browser may show the file: pictures, sound, video and plain text do nothing. All else is an attachment.
/// </param>
internal sealed record ServedType(string MediaType, bool IsPassive)
{
    private const string Unknown = "application/octet-stream";
    private const string PlainText = "text/plain";

    /// <param name="head">The first <see cref="ContentSniffer.HeadLength"/> bytes, or the whole file if it is shorter.</param>
    /// <param name="name">The file's name, which only decides the kind of a text.</param>
    /// <param name="length">Length of the file, in bytes.</param>
    public static ServedType Of(ReadOnlySpan<byte> head, string name, long length)
    {
        var mediaType = ContentSniffer.Sniff(head, name, length).MediaType ?? Unknown;
        var isPassive = mediaType is PlainText or "image/jpeg" or "image/png" or "image/gif" or "image/webp" or "image/avif" or "image/bmp"
            or "image/tiff" or "image/heic" or "image/heif"
            || mediaType.StartsWith("audio/", StringComparison.Ordinal) || mediaType.StartsWith("video/", StringComparison.Ordinal);
        return new ServedType(mediaType, isPassive);
    }
}
