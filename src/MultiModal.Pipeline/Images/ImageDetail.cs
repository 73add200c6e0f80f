using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// The detail that an image is sent with unless it is set. A tile model shows low detail at 512 pixels for the price of
/// half a tile or less, so that low is chosen where high would show nothing more: the original is no larger than that, or it
/// is so flat that 512 pixels hold all of it. Other models have no low detail, or do not document it.
/// </summary>
public static class ImageDetail
{
    public const string Auto = "auto";
    public const string Low = "low";
    public const string High = "high";

    /// <summary>Long edge of an image in low detail, as a tile model sees it, in pixels.</summary>
    private const int LowEdge = 512;

    /// <summary>Edge of the squares that are compared, in pixels: about the height of a letter, which would be lost in a larger one.</summary>
    private const int Square = ShrunkPixels.Square;

    /// <summary>How far around a pixel others influence it when an image is shrunk, in pixels of the shrunk image: the reach of the kernel.</summary>
    private const int Lobes = 3;

    /// <summary>
    /// Largest mean difference of a square that is not visible, of 255 levels. Measured on images of 1,024 pixels, their largest square:
    /// a gradient 0.3, a blurred picture 1.1; a line of pale grey print 8 pixels high 2.8, the same in black 16, a sharp photograph 27.
    /// </summary>
    private const double Invisible = 2;

    /// <param name="rule">Rule by which the engine counts images; null where it counts none.</param>
    /// <param name="image">Image that was optimised for <c>high</c> detail.</param>
    public static string Choose(ImageTokenRule? rule, OptimizedImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!KnowsLow(rule)) return Auto;
        if (Math.Max(image.OriginalWidth, image.OriginalHeight) <= LowEdge) return Low;
        _ = Libvips.Version;
        using var decoded = Image.NewFromBuffer(image.Bytes.ToArray());
        using var pixels = decoded.CopyMemory();
        return IsFlat(pixels) ? Low : High;
    }

    /// <summary>Chooses without decoding: the square with the liveliest pixels settles most images.</summary>
    /// <param name="rule">Rule by which the engine counts images; null where it counts none.</param>
    /// <param name="originalEdge">Long edge of the original, in pixels.</param>
    /// <param name="pixels">The image, shrunk for <c>high</c> detail.</param>
    /// <param name="image">The same pixels as an image of libvips.</param>
    internal static string Choose(ImageTokenRule? rule, int originalEdge, ShrunkPixels pixels, Image image)
    {
        if (!KnowsLow(rule)) return Auto;
        if (originalEdge <= LowEdge || Math.Max(image.Width, image.Height) <= LowEdge) return Low;
        return (!pixels.UsesAlpha && IsVisibleAt(pixels.Liveliest(), pixels)) || !IsFlat(image) ? High : Low;
    }

    private static bool KnowsLow(ImageTokenRule? rule) => rule is { } known && VisionTokens.KnowsLowDetail(known);

    /// <summary>Whether a square looks different after its surroundings are shrunk to low detail and enlarged again.</summary>
    private static bool IsVisibleAt((int X, int Y) square, ShrunkPixels pixels)
    {
        var shrink = Math.Max(pixels.Width, pixels.Height) / (double)LowEdge;
        var margin = (int)Math.Ceiling(Lobes * shrink);
        var (left, top) = (Math.Max(0, square.X - margin), Math.Max(0, square.Y - margin));
        using var part = pixels.ToImage(
            left, top, Math.Min(pixels.Width, square.X + Square + margin) - left, Math.Min(pixels.Height, square.Y + Square + margin) - top);
        using var low = part.Resize(1 / shrink);
        using var enlarged = low.Resize((double)part.Width / low.Width, vscale: (double)part.Height / low.Height);
        return IsVisible(
            part.WriteToMemory<byte>(), enlarged.WriteToMemory<byte>(), (part.Width, part.Height), (enlarged.Width, enlarged.Height), part.Bands,
            (square.X - left, square.Y - top));
    }

    /// <summary>Compares the square at a place of two images. As in the whole image, each colour is looked at by itself.</summary>
    private static bool IsVisible(
        byte[] before, byte[] after, (int Width, int Height) size, (int Width, int Height) sizeAfter, int bands, (int X, int Y) at)
    {
        var (right, bottom) = (
            Math.Min(at.X + Square, Math.Min(size.Width, sizeAfter.Width)), Math.Min(at.Y + Square, Math.Min(size.Height, sizeAfter.Height)));
        var sums = new long[bands];
        for (var y = at.Y; y < bottom; y++)
        {
            for (var x = at.X * bands; x < right * bands; x++)
            {
                sums[x % bands] += Math.Abs(before[(y * size.Width * bands) + x] - after[(y * sizeAfter.Width * bands) + x]);
            }
        }

        return sums.Max() > Invisible * (right - at.X) * (bottom - at.Y);
    }

    /// <summary>Whether no square looks different after the image is shrunk to low detail and enlarged again.</summary>
    private static bool IsFlat(Image image)
    {
        using var pixels = image.HasAlpha() ? image.Flatten(background: [255]) : image.Copy();
        using var low = pixels.ThumbnailImage(LowEdge, LowEdge, Enums.Size.Down);
        using var enlarged = low.Resize((double)pixels.Width / low.Width, vscale: (double)pixels.Height / low.Height);
        var (width, height) = (Math.Min(pixels.Width, enlarged.Width), Math.Min(pixels.Height, enlarged.Height));
        using var before = pixels.ExtractArea(0, 0, width, height);
        using var after = enlarged.ExtractArea(0, 0, width, height);
        using var difference = before.Subtract(after);
        using var distance = difference.Abs();
        using var exact = distance.Cast(Enums.BandFormat.Float);
        using var squares = exact.Shrink(Math.Min(Square, width), Math.Min(Square, height));
        return squares.Max() <= Invisible;
    }
}
