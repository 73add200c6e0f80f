using ImageMagick;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Tokens;

namespace MultiModal.Decoder.Pdf;

/// <summary>A picture of a PDF as a file that any decoder of images reads.</summary>
internal static class PictureCoding
{
    public const string Jpeg = "image/jpeg";
    public const string Png = "image/png";

    /// <summary>Of pictures that are encoded anew. A model sees them smaller, letters stay sharp.</summary>
    public const int Quality = 92;

    /// <returns>Null where the coding is not read here (JBIG2), or is damaged.</returns>
    public static (string MediaType, byte[] Bytes)? Encode(IPdfImage image) => OnlyFilter(image) switch
    {
        "DCTDecode" or "DCT" => (Jpeg, image.RawMemory.ToArray()),
        "JPXDecode" => FromJpeg2000(image.RawMemory.Span),
        _ => image.TryGetPng(out var png) && png is not null ? (Png, png) : null,
    };

    private static (string, byte[])? FromJpeg2000(ReadOnlySpan<byte> raw)
    {
        // ISO 15444-1: a codestream begins with its marker, a JP2 file with the length of its signature box.
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
