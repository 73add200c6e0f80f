using ImageMagick;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Tokens;

namespace MultiModal.Decoder.Pdf;

/// <summary>Converts a picture of a PDF into a file that any image decoder reads.</summary>
internal static class PictureCoding
{
    public const string Jpeg = "image/jpeg";
    public const string Png = "image/png";

    /// <summary>JPEG quality of pictures that are encoded anew. Models see them at a smaller size, and letters stay sharp.</summary>
    public const int Quality = 92;

    /// <returns>The encoded picture; null if its coding is damaged or not supported (most of JBIG2).</returns>
    public static (string MediaType, byte[] Bytes)? Encode(IPdfImage image) => OnlyFilter(image) switch
    {
        "DCTDecode" or "DCT" => (Jpeg, image.RawMemory.ToArray()),
        "JPXDecode" => FromJpeg2000(image.RawMemory.Span),
        "JBIG2Decode" => image.Decode is not [1, ..]
            && Jbig2Mmr.ToPng(image.RawMemory.Span, image.WidthInSamples, image.HeightInSamples) is { } fax ? (Png, fax) : null,
        _ => image.TryGetPng(out var png) && png is not null ? (Png, png) : null,
    };

    private static (string, byte[])? FromJpeg2000(ReadOnlySpan<byte> raw)
    {
        // According to ISO 15444-1, a codestream begins with its marker, and a JP2 file with the length of its signature box.
        var settings = new MagickReadSettings { Format = raw is [0xFF, 0x4F, ..] ? MagickFormat.J2c : MagickFormat.Jp2 };
        try
        {
            using var image = new MagickImage();
            image.Warning += static (_, warning) => throw warning.Exception;
            image.Read(raw, settings);
            image.ColorSpace = ColorSpace.sRGB;
            image.Quality = Quality;
            return (Jpeg, image.ToByteArray(MagickFormat.Jpeg));
        }
        catch (MagickException)
        {
            return null;
        }
    }

    private static string? OnlyFilter(IPdfImage image) =>
        image.ImageDictionary.TryGet(NameToken.Filter, out var filter)
            ? (filter as NameToken ?? (filter is ArrayToken { Data: [NameToken only] } ? only : null))?.Data
            : null;
}
