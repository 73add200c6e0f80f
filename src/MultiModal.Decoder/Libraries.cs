using System.Reflection;
using AngleSharp.Html.Parser;
using ImageMagick;
using UglyToad.PdfPig;

namespace MultiModal.Decoder;

/// <summary>The decoding libraries with their versions, which are part of the keys of cached answers.</summary>
public static class Libraries
{
    public static string Html { get; } = $"AngleSharp {Version(typeof(HtmlParser))}";

    public static string Images { get; } = $"Magick.NET {Version(typeof(MagickImage))}";

    /// <summary>Version of the package, because the assembly's version stays the same within a major version.</summary>
    public static string ImageSharp { get; } = $"ImageSharp {PackageVersion(typeof(SixLabors.ImageSharp.Image))}";

    public static string Pdf { get; } = $"PdfPig {Version(typeof(PdfDocument))}";

    private static string Version(Type type) => type.Assembly.GetName().Version!.ToString();

    private static string PackageVersion(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
