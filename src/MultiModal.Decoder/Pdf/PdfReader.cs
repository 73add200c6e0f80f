using System.Globalization;
using System.Text;
using System.Text.Json;
using MultiModal.Decoder.Images;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;
using UglyToad.PdfPig.Exceptions;

namespace MultiModal.Decoder.Pdf;

/// <summary>
/// Extracts the text of pages that have a text layer and the picture of pages that are scans. A page is a scan if a picture covers half
/// of it and it has hardly any text (a stamp, a page number).
/// </summary>
internal static class PdfReader
{
    private const int HardlyAnyText = 50;
    private const double CoversPage = 0.5;

    public static DecoderExit Run(string path, string folder, PdfLimits limits)
    {
        try
        {
            MagickProcess.Start(folder, read: ["JP2", "J2C", "XC"], "JPEG", "PNG");

            // Strict parsing rejects files that every viewer shows; missing fonts matter only for drawing.
            using var document = PdfDocument.Open(path, new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true, ClipPaths = false });
            var reading = new Reading(folder, limits);
            for (var page = 1; page <= document.NumberOfPages; page++)
            {
                if (!reading.Take(document, page)) return DecoderExit.TooLarge;
            }

            if (document.NumberOfPages == 0) return DecoderExit.Damaged;
            using var output = Console.OpenStandardOutput();
            JsonSerializer.Serialize(output, reading.Content(document.NumberOfPages), DecoderJson.Default.PdfContent);
            return DecoderExit.Done;
        }
        catch (PdfDocumentEncryptedException)
        {
            return DecoderExit.Encrypted;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The parser reports damage with a dozen exception types, none of them its own.
            return DecoderExit.Damaged;
        }
    }

    private sealed class Reading(string folder, PdfLimits limits)
    {
        private readonly List<PdfPageText> texts = [];
        private readonly List<PdfPicture> pictures = [];
        private readonly List<int> unreadable = [];
        private readonly List<int> beyondLimit = [];
        private readonly List<int> incomplete = [];
        private int characters;

        /// <returns>False if the text has become longer than allowed.</returns>
        public bool Take(PdfDocument document, int number)
        {
            try
            {
                var page = document.GetPage(number);
                var text = ContentOrderTextExtractor.GetText(page, addDoubleNewline: true).Replace("\r\n", "\n", StringComparison.Ordinal).Trim();
                var letters = text.Count(char.IsLetterOrDigit);
                if (letters > 0) texts.Add(new PdfPageText(number, text));
                characters += text.Length;
                if (characters > limits.Characters) return false;
                if (letters < HardlyAnyText) TakePicture(page, alone: letters == 0);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                unreadable.Add(number);
            }

            return true;
        }

        public PdfContent Content(int pages)
        {
            var notes = new List<string>();
            Note(unreadable, "could not be read");
            Note(incomplete, "has pictures that could not be read", "have pictures that could not be read");
            var limit = string.Create(
                CultureInfo.InvariantCulture, $"not looked at, because at most {limits.Pictures} pictures of a PDF are (Pdf:MaxPages)");
            Note(beyondLimit, $"was {limit}", $"were {limit}");
            return new PdfContent(pages, texts, pictures, notes);

            void Note(List<int> lost, string one, string? several = null)
            {
                if (lost.Count > 0) notes.Add($"{(lost.Count == 1 ? "Page" : "Pages")} {Ranges(lost)} {(lost.Count == 1 ? one : several ?? one)}.");
            }
        }

        private void TakePicture(Page page, bool alone)
        {
            var images = page.GetImages().Where(i => Shown(i) > 0).ToList();
            if (images.Count == 0 || (!alone && images.Sum(Shown) < CoversPage * page.Width * page.Height))
            {
                // The page is empty or a drawing. Whether a page without letters is blank or full of lines is not examined.
                if (alone && page.Paths.Count > 0) unreadable.Add(page.Number);
                return;
            }

            if (pictures.Count >= limits.Pictures)
            {
                beyondLimit.Add(page.Number);
                return;
            }

            var picture = images is [var only] ? Whole(only) : PageCanvas.Compose(page, images, limits.Pixels);
            if (picture is not var (mediaType, bytes, complete))
            {
                unreadable.Add(page.Number);
                return;
            }

            if (!complete) incomplete.Add(page.Number);
            var file = string.Create(CultureInfo.InvariantCulture, $"page-{page.Number:D5}");
            File.WriteAllBytes(Path.Combine(folder, file), bytes);
            pictures.Add(new PdfPicture(page.Number, file, mediaType));
        }

        private (string MediaType, byte[] Bytes, bool Complete)? Whole(IPdfImage image)
        {
            if ((long)image.WidthInSamples * image.HeightInSamples > limits.Pixels
                || PictureCoding.Encode(image) is not var (mediaType, bytes)) return null;
            var orientation = Placement.Of(image.BoundingBox).Orientation;
            return (mediaType, mediaType == PictureCoding.Jpeg ? Upright.Jpeg(bytes, orientation) : Upright.Png(bytes, orientation), true);
        }

        private static double Shown(IPdfImage image) => Placement.Of(image.BoundingBox) is var place ? place.Width * place.Height : 0;
    }

    /// <summary>Formats page numbers as ranges: <c>1, 3-5, 9</c>.</summary>
    private static string Ranges(List<int> pages)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pages.Count; i++)
        {
            var first = pages[i];
            while (i + 1 < pages.Count && pages[i + 1] == pages[i] + 1) i++;
            text.Append(text.Length == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"{first}");
            if (pages[i] > first) text.Append(CultureInfo.InvariantCulture, $"-{pages[i]}");
        }

        return text.ToString();
    }
}
