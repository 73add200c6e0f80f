using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using MultiModal.Decoder;
using MultiModal.Decoder.Pdf;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Text;

/// <summary>Reads PDFs in a process of its own: their text layer, and the pictures of pages that are scans.</summary>
public sealed class PdfDocuments(DecoderProcess decoder, IOptions<PdfOptions> pdfOptions, IOptions<ImageOptions> imageOptions, IOptions<TextOptions> textOptions)
{
    /// <summary>Rises with every change that changes what is read.</summary>
    private const int Revision = 2;

    private readonly PdfOptions options = pdfOptions.Value;
    private readonly long maxPixels = imageOptions.Value.MaxPixels;
    private readonly int maxText = textOptions.Value.MaxBytes;

    /// <summary>All but the file that shapes what is read.</summary>
    internal object?[] Shape => [Revision, Libraries.Pdf, Libraries.Images, options.MaxPages, maxPixels, maxText];

    /// <param name="filePath">A private temporary file that holds the PDF.</param>
    /// <param name="folder">An existing folder of the caller's own, who deletes it; the pictures are put there.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What is in it, or <c>corrupt-pdf</c>, <c>encrypted-pdf</c>, <c>unreadable-pdf</c>, <c>file-too-large</c>, <c>text-too-large</c>, <c>step-timed-out</c>.</returns>
    internal async Task<Outcome<PdfContent>> ReadAsync(string filePath, string folder, CancellationToken cancellationToken)
    {
        var bytes = new FileInfo(filePath).Length;
        if (bytes > options.MaxBytes) return TooLarge(bytes);
        var ended = await decoder.RunAsync(["pdf", Path.GetFullPath(filePath), Path.GetFullPath(folder), Number(options.MaxPages), Number(maxPixels), Number(maxText)], cancellationToken);
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
            ? new Failure(FailureCodes.UnreadablePdf, string.Join(' ', ["The PDF has neither text nor page images that can be read.", .. content.Notes, "Export its pages as images, and drop these."]))
            : content;
    }

    internal Failure TooLarge(long bytes) => new(FailureCodes.FileTooLarge, string.Create(
        CultureInfo.InvariantCulture, $"The PDF has {bytes:N0} bytes, and Pdf:MaxBytes allows {options.MaxBytes:N0}. Split it, or raise the limit."));

    internal bool IsTooLarge(long bytes) => bytes > options.MaxBytes;

    private Failure TextTooLarge() => new(FailureCodes.TextTooLarge, string.Create(
        CultureInfo.InvariantCulture, $"The text of the PDF is larger than {maxText:N0} bytes (Text:MaxBytes). Split it, or raise the limit."));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
