using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>What an image says of itself before a pixel is decoded.</summary>
/// <param name="Width">After orientation, pixels.</param>
/// <param name="Height">After orientation, pixels.</param>
/// <param name="Note">That only the first of several frames or pages is used, or null.</param>
/// <param name="IsHeldWhole">All its pixels are in memory at once while it is decoded, because the format does not come in strips.</param>
internal readonly record struct ImageHeader(int Width, int Height, string? Note, bool IsHeldWhole)
{
    public long Pixels => (long)Width * Height;

    public static ImageHeader Of(Image image)
    {
        var lies = image.Contains("orientation") && image.Get("orientation") is int and >= 5 and <= 8;
        return new ImageHeader(lies ? image.Height : image.Width, lies ? image.Width : image.Height, NoteOf(image), IsWhole(image));
    }

    private static bool IsWhole(Image image)
    {
        var loader = (string)image.Get("vips-loader");
        return !(loader.StartsWith("jpeg", StringComparison.Ordinal) || loader.StartsWith("png", StringComparison.Ordinal) || loader.StartsWith("tiff", StringComparison.Ordinal))
            || image.Contains("interlaced")
            || (image.Contains("jpeg-multiscan") && image.Get("jpeg-multiscan") is 1);
    }

    private static string? NoteOf(Image image)
    {
        if (!image.Contains("n-pages") || image.Get("n-pages") is not int pages || pages < 2) return null;
        return ImageFile.FramesNote(pages, ((string)image.Get("vips-loader")).StartsWith("tiff", StringComparison.Ordinal));
    }
}
