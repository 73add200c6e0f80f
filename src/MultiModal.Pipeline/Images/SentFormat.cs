using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// The format in which libvips encodes what is sent. A flat-colour picture whose original is lossless is sent as PNG where that is smaller; what is
/// transparent is always sent as PNG, and all else as JPEG.
/// </summary>
internal static class SentFormat
{
    /// <param name="image">What is encoded.</param>
    /// <param name="pixels">The pixels that decide on the format: those of the image, or of a larger one.</param>
    /// <param name="isLossless">Whether the original holds its pixels exactly.</param>
    /// <param name="jpegQuality">Quality of a JPEG.</param>
    public static (byte[] Bytes, string MediaType) Encode(Image image, ShrunkPixels pixels, bool isLossless, int jpegQuality)
    {
        var png = pixels.UsesAlpha ? Png(image, Enums.ForeignPngFilter.All)
            : isLossless && pixels.IsFlat() ? Png(image, Enums.ForeignPngFilter.None)
            : null;
        var jpeg = pixels.UsesAlpha ? null : image.JpegsaveBuffer(q: jpegQuality, optimizeCoding: true, keep: Enums.ForeignKeep.None);
        return jpeg is null || png?.Length <= jpeg.Length ? (png!, "image/png") : (jpeg, "image/jpeg");
    }

    private static byte[] Png(Image image, Enums.ForeignPngFilter filter) =>
        image.PngsaveBuffer(compression: 6, filter: filter, keep: Enums.ForeignKeep.None);
}
