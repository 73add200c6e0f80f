using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using MultiModal.Decoder;
using MultiModal.Decoder.Pdf;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Text;

/// <summary>Reads PDFs in a separate process: their text layer, and the pictures of pages that are scans.</summary>
public sealed class PdfDocuments(
    DecoderProcess decoder, IOptions<PdfOptions> pdfOptions, IOptions<ImageOptions> imageOptions, IOptions<TextOptions> textOptions)
{
    /// <summary>Version of the reading, raised with every change that affects its result.</summary>
    private const int Revision = 2;

    private readonly PdfOptions options = pdfOptions.Value;
    private readonly long maxPixels = imageOptions.Value.MaxPixels;
    private readonly int maxText = textOptions.Value.MaxBytes;

    /// <summary>Everything except the file that affects the result.</summary>
    internal object?[] Shape => [Revision, Libraries.Pdf, Libraries.Images, options.MaxPages, maxPixels, maxText];

    /// <param name="filePath">A private temporary file that holds the PDF.</param>
    /// <param name="folder">An existing folder for the pictures, which the caller owns and deletes.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The content, or <c>corrupt-pdf</c>, <c>encrypted-pdf</c>, <c>unreadable-pdf</c>, <c>file-too-large</c>, <c>text-too-large</c>,
    /// <c>step-timed-out</c>.</returns>
    internal async Task<Outcome<PdfContent>> ReadAsync(string filePath, string folder, CancellationToken cancellationToken)
    {
        var bytes = new FileInfo(filePath).Length;
        if (bytes > options.MaxBytes) return TooLarge(bytes);
        var ended = await decoder.RunAsync(
            ["pdf", Path.GetFullPath(filePath), Path.GetFullPath(folder), Number(options.MaxPages), Number(maxPixels), Number(maxText)],
            cancellationToken);
        if (!ended.Succeeded) return ended.Failure;
        switch (ended.Value.Exit)
        {
            case DecoderExit.Done:
                break;
            case DecoderExit.Encrypted:
                return new Failure(FailureCodes.EncryptedPdf, "The PDF is protected by a password. Save it without a password, and drop it again.");
            case DecoderExit.TooLarge:
                return TextTooLarge();
            case DecoderExit.OutOfMemory:
                return new Failure(FailureCodes.FileTooLarge, decoder.TooMuchMemory("PDF"));
            default:
                return new Failure(FailureCodes.CorruptPdf, "The PDF is damaged or incomplete. Drop it again, or print it into a new PDF.");
        }

        var content = JsonSerializer.Deserialize(ended.Value.Output.Span, DecoderJson.Default.PdfContent)!;
        if (content.Texts.Sum(t => (long)Encoding.UTF8.GetByteCount(t.Text)) > maxText) return TextTooLarge();
        return content.Texts.Count == 0 && content.Pictures.Count == 0
            ? new Failure(
                FailureCodes.UnreadablePdf,
                string.Join(
                    ' ',
                    ["The PDF has neither text nor page images that can be read.", .. content.Notes, "Export its pages as images, and drop these."]))
            : content;
    }

    internal Failure TooLarge(long bytes) => new(FailureCodes.FileTooLarge, string.Create(
        CultureInfo.InvariantCulture, $"The PDF has {bytes:N0} bytes, and Pdf:MaxBytes allows {options.MaxBytes:N0}. Split it, or raise the limit."));

    internal bool IsTooLarge(long bytes) => bytes > options.MaxBytes;

    private Failure TextTooLarge() => new(FailureCodes.TextTooLarge, string.Create(
        CultureInfo.InvariantCulture, $"The text of the PDF is larger than {maxText:N0} bytes (Text:MaxBytes). Split it, or raise the limit."));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
