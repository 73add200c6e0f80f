using ImageMagick;
using UglyToad.PdfPig;

namespace MultiModal.Decoder;

/// <summary>What decodes here, with its versions: part of what cached answers are known by.</summary>
public static class Libraries
{
    public static string Images { get; } = $"Magick.NET {Version(typeof(MagickImage))}";

    public static string Pdf { get; } = $"PdfPig {Version(typeof(PdfDocument))}";

    private static string Version(Type type) => type.Assembly.GetName().Version!.ToString();
}
