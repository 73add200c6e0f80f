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
    private const int Square = 16;

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
        if (rule is not { } known || !VisionTokens.KnowsLowDetail(known)) return Auto;
        return Math.Max(image.OriginalWidth, image.OriginalHeight) <= LowEdge || IsFlat(image.Bytes) ? Low : High;
    }

    /// <summary>Whether no square looks different after the image is shrunk to low detail and enlarged again.</summary>
    private static bool IsFlat(ReadOnlyMemory<byte> bytes)
    {
        _ = Libvips.Version;
        using var decoded = Image.NewFromBuffer(bytes.ToArray());
        using var opaque = decoded.HasAlpha() ? decoded.Flatten(background: [255]) : decoded.Copy();
        using var pixels = opaque.CopyMemory();
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
