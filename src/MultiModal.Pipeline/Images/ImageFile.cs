using System.Globalization;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Images;

/// <summary>The checks that an image engine makes before it decodes.</summary>
public static class ImageFile
{
    /// <returns>The media type by content, or the reason why the file is not looked at as an image.</returns>
    public static async Task<Outcome<string>> SniffAsync(string filePath, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(filePath, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous);
        var head = new byte[(int)Math.Min(file.Length, ContentSniffer.HeadLength)];
        await file.ReadExactlyAsync(head, cancellationToken);
        var content = ContentSniffer.Sniff(head, Path.GetFileName(filePath), file.Length);
        return content is { Kind: ItemKind.Image, MediaType: { } mediaType }
            ? mediaType
            : content.Unsupported ?? new Failure(FailureCodes.UnsupportedImage, $"This is {content.MediaType}, not an image.");
    }

    /// <returns><c>image-too-large</c>, or null for a size that is allowed.</returns>
    public static Failure? CheckSize(int width, int height, int frames, OptimizeRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (frames > request.MaxFrames)
        {
            return new Failure(
                FailureCodes.ImageTooLarge,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The image has {frames:N0} frames or pages, more than Images:MaxFrames ({request.MaxFrames:N0}) allows. Export the one that matters, or raise the limit."));
        }

        return (long)width * height > request.MaxPixels
            ? new Failure(
                FailureCodes.ImageTooLarge,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The image has {width} x {height} pixels, more than Images:MaxPixels ({request.MaxPixels:N0}) allows. Export it smaller, or raise the limit."))
            : null;
    }

    /// <summary>Note on an image with several frames, for the reader of the report.</summary>
    public static string FramesNote(int frames) => $"Only the first of {frames} frames was looked at.";

    /// <summary>Note on an image of which not all pages are looked at, for the reader of the report.</summary>
    public static string PagesNote(int looked, int pages) => looked == 1
        ? $"Only the first of {pages} pages was looked at."
        : $"Only the first {looked} of {pages} pages were looked at.";

    /// <summary>The failure of every engine for a file that it cannot decode.</summary>
    public static Failure Corrupt { get; } = new(FailureCodes.CorruptImage, "The image is damaged or incomplete. Drop it again, or export it anew.");
}
