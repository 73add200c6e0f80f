using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>The properties of an image before a pixel is decoded.</summary>
/// <param name="Width">Width after orientation, in pixels.</param>
/// <param name="Height">Height after orientation, in pixels.</param>
/// <param name="Frames">Number of frames of an animation, of which only the first is used, or of pages of a TIFF.</param>
/// <param name="Note">Note that there are several frames of an animation, or null.</param>
/// <param name="IsHeldWhole">True if all its pixels are in memory at once while it is decoded, because the format does not come in strips.</param>
/// <param name="IsPlain">True if the pixels are grey or red, green and blue, of 8 bits each.</param>
internal readonly record struct ImageHeader(int Width, int Height, int Frames, string? Note, bool IsHeldWhole, bool IsPlain)
{
    public long Pixels => (long)Width * Height;

    public static ImageHeader Read(Image image)
    {
        var lies = image.Contains("orientation") && image.Get("orientation") is int and >= 5 and <= 8;
        var frames = image.Contains("n-pages") && image.Get("n-pages") is int pages ? pages : 1;
        var note = frames < 2 || IsLoadedBy("tiff", image) ? null : ImageFile.FramesNote(frames);
        var isPlain = image.Format == Enums.BandFormat.Uchar && image.Interpretation is Enums.Interpretation.Srgb or Enums.Interpretation.Bw;
        return new ImageHeader(lies ? image.Height : image.Width, lies ? image.Width : image.Height, frames, note, IsWhole(image), isPlain);
    }

    private static bool IsWhole(Image image) =>
        !(IsLoadedBy("jpeg", image) || IsLoadedBy("png", image) || IsLoadedBy("tiff", image))
        || image.Contains("interlaced")
        || (image.Contains("jpeg-multiscan") && image.Get("jpeg-multiscan") is 1);

    private static bool IsLoadedBy(string loader, Image image) => ((string)image.Get("vips-loader")).StartsWith(loader, StringComparison.Ordinal);
}
