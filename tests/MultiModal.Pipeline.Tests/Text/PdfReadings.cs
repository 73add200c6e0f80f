using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Programs;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Tests.Text;

/// <summary>The reading of PDFs as hosts have it.</summary>
internal static class PdfReadings
{
    /// <param name="decoder">The decoder process; null for the usual one.</param>
    /// <param name="options">Configuration of PDFs.</param>
    /// <param name="text">Configuration of texts.</param>
    /// <param name="renderer">The program that renders pages.</param>
    /// <param name="rendering">Configuration of the time for renderings.</param>
    public static PdfDocuments Documents(
        DecoderProcess? decoder = null, PdfOptions? options = null, TextOptions? text = null, string renderer = PageRenderer.Program,
        DecoderOptions? rendering = null) => new(
        decoder ?? Decoders.Usual,
        new PageRenderer(
            new ProgramRunner(TimeProvider.System), Options.Create(rendering ?? new DecoderOptions()), TimeProvider.System, renderer),
        Options.Create(options ?? new PdfOptions()),
        Options.Create(new ImageOptions()),
        Options.Create(text ?? new TextOptions()));

    /// <summary>A picture object with these bytes.</summary>
    public static byte[] JpegPicture(byte[] jpeg)
    {
        using var image = NetVips.Image.NewFromBuffer(jpeg);
        var space = image.Bands == 1 ? "DeviceGray" : "DeviceRGB";
        return Pdf.Stream(
            $"/Type/XObject/Subtype/Image/Width {image.Width}/Height {image.Height}/ColorSpace/{space}/BitsPerComponent 8/Filter/DCTDecode", jpeg);
    }
}
