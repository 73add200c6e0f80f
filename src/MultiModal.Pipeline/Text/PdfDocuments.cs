using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using MultiModal.Decoder;
using MultiModal.Decoder.Pdf;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Text;

/// <summary>
/// Reads PDFs in separate processes: their text layer, form fields and comments, the pictures of pages that are scans, and the figures of others.
/// </summary>
public sealed class PdfDocuments(
    DecoderProcess decoder, PageRenderer renderer, IOptions<PdfOptions> pdfOptions, IOptions<ImageOptions> imageOptions,
    IOptions<TextOptions> textOptions)
{
    /// <summary>Version of the reading, raised with every change that affects its result.</summary>
    private const int Revision = 3;

    private readonly PdfOptions options = pdfOptions.Value;
    private readonly long maxPixels = imageOptions.Value.MaxPixels;
    private readonly int maxText = textOptions.Value.MaxBytes;

    /// <summary>Everything except the file that affects a complete result.</summary>
    internal object?[] Shape => [Revision, Libraries.Pdf, Libraries.Images, options.MaxPages, maxPixels, maxText];

    /// <summary>The same for a result that lacks what could not be rendered. It is found only as long as nothing can be.</summary>
    internal object?[] ShapeUnrendered => [.. Shape, "unrendered"];

    /// <summary>Whether pages can be rendered.</summary>
    internal bool Renders => renderer.IsInstalled;

    /// <param name="filePath">A private temporary file that holds the PDF.</param>
    /// <param name="folder">An existing folder for the pictures, which the caller owns and deletes.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The content, or <c>corrupt-pdf</c>, <c>encrypted-pdf</c>, <c>unreadable-pdf</c>, <c>pdftoppm-missing</c>, <c>file-too-large</c>,
    /// <c>text-too-large</c>, <c>step-timed-out</c>.</returns>
    internal async Task<Outcome<PdfReading>> ReadAsync(string filePath, string folder, CancellationToken cancellationToken)
    {
        var bytes = new FileInfo(filePath).Length;
        if (bytes > options.MaxBytes) return TooLarge(bytes);
        var ended = await decoder.RunAsync(
            ["pdf", Path.GetFullPath(filePath), Path.GetFullPath(folder), Number(options.MaxPages), Number(maxPixels), Number(maxText), $"{Renders}"],
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
        var reading = await RenderAsync(filePath, folder, content, cancellationToken);
        if (reading.Texts.Count > 0 || reading.Pictures.Count > 0) return reading;
        return reading.Warnings is [var reason, ..]
            ? reason
            : new Failure(
                FailureCodes.UnreadablePdf,
                string.Join(
                    ' ',
                    ["The PDF has neither text nor page images that can be read.", .. reading.Notes, "Export its pages as images, and drop these."]));
    }

    private async Task<PdfReading> RenderAsync(string filePath, string folder, PdfContent content, CancellationToken cancellationToken)
    {
        if (content.Unrendered is { Count: > 0 } unrendered)
            return new PdfReading(content.Texts, content.Pictures, content.Notes, [RendererMissing(unrendered)]);
        var rendered = await renderer.RenderAsync(Path.GetFullPath(filePath), Path.GetFullPath(folder), content.Renderings, cancellationToken);
        IReadOnlyList<string> notes = rendered.Empty.Count == 0
            ? content.Notes
            : [.. content.Notes, $"Nothing was found to look at on {PagesOf(rendered.Empty)}, where only rendering shows what there is."];
        return new PdfReading(
            content.Texts,
            [.. content.Pictures.Concat(rendered.Pictures).OrderBy(p => p.Page).ThenBy(p => p.File, StringComparer.Ordinal)],
            notes,
            rendered.Late.Count == 0 ? [] : [OutOfTime(rendered.Late)]);
    }

    private static Failure RendererMissing(IReadOnlyList<int> pages) => new(
        FailureCodes.PdftoppmMissing,
        $"Some of what {Show(pages)} was not looked at, because only pdftoppm can render it. Install poppler-utils "
            + "(for example: apt-get install poppler-utils), and start the batch again.");

    private static Failure OutOfTime(IReadOnlyList<int> pages) => new(
        FailureCodes.StepTimedOut,
        $"Some of what {Show(pages)} was not looked at, because rendering took longer than Decoder:TimeoutSeconds. "
            + "Start the batch again, or raise the limit.",
        Retryable: true);

    private static string Show(IReadOnlyList<int> pages) => $"{PagesOf(pages)} {(pages.Count == 1 ? "shows" : "show")}";

    private static string PagesOf(IReadOnlyList<int> pages) => $"{(pages.Count == 1 ? "page" : "pages")} {PageRanges.Format(pages)}";

    internal Failure TooLarge(long bytes) => new(FailureCodes.FileTooLarge, string.Create(
        CultureInfo.InvariantCulture, $"The PDF has {bytes:N0} bytes, and Pdf:MaxBytes allows {options.MaxBytes:N0}. Split it, or raise the limit."));

    internal bool IsTooLarge(long bytes) => bytes > options.MaxBytes;

    private Failure TextTooLarge() => new(FailureCodes.TextTooLarge, string.Create(
        CultureInfo.InvariantCulture, $"The text of the PDF is larger than {maxText:N0} bytes (Text:MaxBytes). Split it, or raise the limit."));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
