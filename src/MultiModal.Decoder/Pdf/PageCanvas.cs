using ImageMagick;
using UglyToad.PdfPig.Content;

namespace MultiModal.Decoder.Pdf;

/// <summary>
/// Combines the pictures of a page as the page shows them: scanners cut pages into strips, or lay the letters as a mask over a picture of
/// the paper.
/// </summary>
internal static class PageCanvas
{
    /// <summary>Maximum pixels of a canvas: A4 at 400 dots an inch. No model is sent more, and each pixel takes four bytes here.</summary>
    public const long MostPixels = 16_000_000;

    /// <summary>Maximum pictures of a page. A page with more is a drawing made of pictures, or an attack.</summary>
    private const int MostPictures = 1_000;

    /// <param name="region">The page, or a region of it.</param>
    /// <param name="images">Pictures that lie there, in the order in which they are painted.</param>
    /// <param name="maxPixels">Maximum pixels of any one picture.</param>
    /// <returns>The region's picture and whether it contains all pictures; null if none could be read.</returns>
    public static (string MediaType, byte[] Bytes, bool Complete)? Compose(PageBox region, IReadOnlyList<IPdfImage> images, long maxPixels)
    {
        var scale = Scale(region, images);
        using var canvas = new MagickImage(MagickColors.White, Pixels(region.Width * scale), Pixels(region.Height * scale));
        var (painted, mediaType) = (0, PictureCoding.Png);
        foreach (var image in images.Take(MostPictures))
        {
            if ((long)image.WidthInSamples * image.HeightInSamples > maxPixels || PictureCoding.Encode(image) is not var (type, bytes)) continue;
            if (!Paint(canvas, image, type, bytes, region, scale)) continue;
            painted++;
            if (type == PictureCoding.Jpeg) mediaType = type;
        }

        if (painted == 0) return null;
        canvas.Quality = PictureCoding.Quality;
        return (mediaType, canvas.ToByteArray(mediaType == PictureCoding.Jpeg ? MagickFormat.Jpeg : MagickFormat.Png), painted == images.Count);
    }

    /// <summary>Computes the pixels a point: as fine as the finest picture, as long as the canvas stays within its limit.</summary>
    public static double Scale(PageBox region, IReadOnlyList<IPdfImage> images)
    {
        var finest = images.Max(image =>
        {
            var place = Placement.Of(image.BoundingBox);
            return (place.IsSideways ? image.HeightInSamples : image.WidthInSamples) / Math.Max(place.Width, 1);
        });
        return Math.Min(finest, Math.Sqrt(MostPixels / region.Area));
    }

    private static bool Paint(MagickImage canvas, IPdfImage image, string mediaType, byte[] bytes, PageBox region, double scale)
    {
        try
        {
            var place = Placement.Of(image.BoundingBox);
            using var picture = new MagickImage(bytes, mediaType == PictureCoding.Jpeg ? MagickFormat.Jpeg : MagickFormat.Png);
            picture.ColorSpace = ColorSpace.sRGB;
            picture.Orientation = (Orientation)place.Orientation;
            picture.AutoOrient();
            picture.Resize(new MagickGeometry(Pixels(place.Width * scale), Pixels(place.Height * scale)) { IgnoreAspectRatio = true });

            // A mask paints its dark areas and leaves the rest unchanged.
            canvas.Composite(
                picture, (int)Math.Round((place.Left - region.Left) * scale), (int)Math.Round((region.Top - place.Top) * scale),
                image.IsImageMask ? CompositeOperator.Multiply : CompositeOperator.Over);
            return true;
        }
        catch (MagickException)
        {
            return false;
        }
    }

    private static uint Pixels(double length) => (uint)Math.Max(1, Math.Round(length));
}
