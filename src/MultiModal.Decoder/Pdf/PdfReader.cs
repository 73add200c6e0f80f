using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using MultiModal.Decoder.Images;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;
using UglyToad.PdfPig.Exceptions;

namespace MultiModal.Decoder.Pdf;

/// <summary>
/// Extracts the text of pages, their form fields and comments, the picture of pages that are scans, and the figures of other pages. A page is a scan
/// if pictures cover half of it and it has hardly any text (a stamp, a page number).
/// </summary>
internal static class PdfReader
{
    private const int HardlyAnyText = 50;
    private const double CoversPage = 0.5;
    private const double PointsAnInch = 72;

    /// <summary>Fineness of a rendered drawing, in pixels a point: 200 dots an inch, at which print of 6 points is legible.</summary>
    private const double Drawing = 200 / PointsAnInch;

    public static DecoderExit Run(string path, string folder, PdfLimits limits)
    {
        try
        {
            MagickProcess.Start(folder, read: ["JP2", "J2C", "XC"], "JPEG", "PNG");

            // Strict parsing rejects files that every viewer shows; missing fonts matter only for drawing.
            using var document = PdfDocument.Open(path, new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true, ClipPaths = false });
            var reading = new Reading(folder, limits, new PageAdditions(new PdfObjects(document)));
            for (var page = 1; page <= document.NumberOfPages; page++)
            {
                if (!reading.Take(document, page)) return DecoderExit.TooLarge;
            }

            if (document.NumberOfPages == 0) return DecoderExit.Damaged;
            if (!reading.TakeXfa()) return DecoderExit.TooLarge;
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

    private sealed class Reading(string folder, PdfLimits limits, PageAdditions additions)
    {
        private readonly List<PdfPageText> texts = [];
        private readonly List<Part> scans = [];
        private readonly List<Part> figures = [];
        private readonly HashSet<string> shown = new(StringComparer.Ordinal);
        private readonly List<int> unreadable = [];
        private readonly List<int> beyondLimit = [];
        private readonly List<int> incomplete = [];
        private readonly SortedSet<int> unrendered = [];
        private int characters;

        /// <returns>False if the text has become longer than allowed.</returns>
        public bool Take(PdfDocument document, int number)
        {
            try
            {
                var page = document.GetPage(number);
                var text = TypedLetters.Of(
                    ContentOrderTextExtractor.GetText(page, addDoubleNewline: true).Replace("\r\n", "\n", StringComparison.Ordinal).Trim());
                var letters = text.Count(char.IsLetterOrDigit);
                Add(number, letters > 0 ? text : "", additions.Read(page));
                if (characters > limits.Characters) return false;
                TakePictures(page, letters);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                unreadable.Add(number);
            }

            return true;
        }

        /// <summary>Reads the values of an XFA form, which belong to no page: they follow the text of the first.</summary>
        /// <returns>False if the text has become longer than allowed.</returns>
        public bool TakeXfa()
        {
            try
            {
                var first = texts.FindIndex(t => t.Page == 1);
                if (additions.ReadXfa() is not { Length: > 0 } values) return true;
                characters += values.Length;
                if (first < 0) texts.Insert(0, new PdfPageText(1, values));
                else texts[first] = new PdfPageText(1, $"{texts[first].Text}\n\n{values}");
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                unreadable.Add(1);
            }

            return characters <= limits.Characters;
        }

        public PdfContent Content(int pages)
        {
            // Pages that are pictures come first: nothing else says what is on them.
            var parts = scans.Concat(figures).Take(limits.Pictures).ToList();
            beyondLimit.AddRange(scans.Concat(figures).Skip(parts.Count).Select(p => p.Page));
            var notes = new List<string>();
            Note(unreadable, "could not be read");
            Note(incomplete, "has pictures that could not be read", "have pictures that could not be read");
            var limit = string.Create(
                CultureInfo.InvariantCulture, $"not looked at, because at most {limits.Pictures} pictures of a PDF are (Pdf:MaxPages)");
            Note(beyondLimit, $"was {limit}", $"were {limit}");
            var inOrder = parts.OrderBy(p => p.Page).ToList();
            return new PdfContent(
                pages, texts, [.. inOrder.Select(p => p.Picture).OfType<PdfPicture>()], notes,
                [.. inOrder.Select(p => p.Rendering).OfType<PdfRendering>()], [.. unrendered]);

            void Note(List<int> lost, string one, string? several = null)
            {
                var numbers = lost.Distinct().Order().ToList();
                var what = numbers.Count == 1 ? one : several ?? one;
                if (numbers.Count > 0) notes.Add($"{(numbers.Count == 1 ? "Page" : "Pages")} {PageRanges.Format(numbers)} {what}.");
            }
        }

        private void Add(int page, params ReadOnlySpan<string> texts)
        {
            var text = string.Join("\n\n", texts.ToArray().Where(t => t.Length > 0));
            if (text.Length == 0) return;
            this.texts.Add(new PdfPageText(page, text));
            characters += texts[^1].Length;
        }

        private void TakePictures(Page page, int letters)
        {
            var images = page.GetImages().Where(i => Shown(i) > 0).ToList();
            var alone = letters == 0;
            var isScan = images.Count > 0 && letters < HardlyAnyText && (alone || images.Sum(Shown) >= CoversPage * page.Width * page.Height);
            if (isScan)
            {
                TakeScan(page, images);
                return;
            }

            if (alone)
            {
                // A page without letters shows what is drawn on it, or is blank.
                if (PageFigure.IsDrawing(page) && !Render(scans, page, region: null, Drawing)) unreadable.Add(page.Number);
                return;
            }

            foreach (var figure in PageFigure.Find(page, images)) TakeFigure(page, figure);
        }

        private void TakeScan(Page page, List<IPdfImage> images)
        {
            if (scans.Count >= limits.Pictures)
            {
                beyondLimit.Add(page.Number);
                return;
            }

            var paper = new PageBox(0, 0, page.Width, page.Height);
            var isDrawn = limits.Renders && PageFigure.Find(page, images).Any(f => f.IsDrawn);
            var picture = isDrawn ? null : images is [var only] ? Whole(only) : PageCanvas.Compose(paper, images, limits.Pixels);
            if (picture is var (mediaType, bytes, complete) && (complete || !limits.Renders))
            {
                if (!complete) Lost(incomplete, page.Number);
                Keep(scans, page, mediaType, bytes);
                return;
            }

            if (!Render(scans, page, region: null, PageCanvas.Scale(paper, images))) unreadable.Add(page.Number);
        }

        private void TakeFigure(Page page, PageFigure figure)
        {
            if (figures.Count >= limits.Pictures)
            {
                beyondLimit.Add(page.Number);
                return;
            }

            var images = figure.Images;
            var picture = figure.IsDrawn ? null : images is [var only] ? Whole(only) : PageCanvas.Compose(figure.Box, images, limits.Pixels);
            if (picture is var (mediaType, bytes, complete) && (complete || !limits.Renders))
            {
                // What is on several pages is looked at once.
                if (!shown.Add(Convert.ToHexString(SHA256.HashData(bytes)))) return;
                if (!complete) Lost(incomplete, page.Number);
                Keep(figures, page, mediaType, bytes);
                return;
            }

            if (figure.IsDrawn && !shown.Add(figure.Box.ToString())) return;
            if (!Render(figures, page, figure.Box, images.Count == 0 ? Drawing : Math.Max(Drawing, PageCanvas.Scale(figure.Box, images))))
                Lost(incomplete, page.Number);
        }

        /// <summary>A picture is lost that a renderer could have shown.</summary>
        private void Lost(List<int> pages, int page)
        {
            pages.Add(page);
            unrendered.Add(page);
        }

        private void Keep(List<Part> parts, Page page, string mediaType, byte[] bytes)
        {
            var file = FileName(page);
            File.WriteAllBytes(Path.Combine(folder, file), bytes);
            parts.Add(new Part(page.Number, new PdfPicture(page.Number, file, mediaType), null));
        }

        /// <param name="parts">Where the rendering is added.</param>
        /// <param name="page">The page.</param>
        /// <param name="region">The region; null for the whole page.</param>
        /// <param name="scale">Pixels a point.</param>
        /// <returns>False if nothing can be rendered.</returns>
        private bool Render(List<Part> parts, Page page, PageBox? region, double scale)
        {
            if (!limits.Renders)
            {
                unrendered.Add(page.Number);
                return false;
            }

            var paper = new PageBox(0, 0, page.Width, page.Height);
            var most = Math.Min(PageCanvas.MostPixels, limits.Pixels);
            var resolution = (int)Math.Max(1, Math.Floor(PointsAnInch * Math.Min(scale, Math.Sqrt(most / (region ?? paper).Area))));
            var dots = resolution / PointsAnInch;
            var part = region is not { } box ? null : new PdfRegion(
                (int)(box.Left * dots), (int)((page.Height - box.Top) * dots),
                Math.Max(1, (int)(box.Width * dots)), Math.Max(1, (int)(box.Height * dots)));
            parts.Add(new Part(page.Number, null, new PdfRendering(page.Number, FileName(page), resolution, part)));
            return true;
        }

        /// <summary>The first picture of a page is named by the page alone, and so it was when there was only one.</summary>
        private string FileName(Page page)
        {
            var before = scans.Concat(figures).Count(p => p.Page == page.Number);
            var name = string.Create(CultureInfo.InvariantCulture, $"page-{page.Number:D5}");
            return before == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{before:D2}");
        }

        private (string MediaType, byte[] Bytes, bool Complete)? Whole(IPdfImage image)
        {
            if ((long)image.WidthInSamples * image.HeightInSamples > limits.Pixels
                || PictureCoding.Encode(image) is not var (mediaType, bytes)) return null;
            var orientation = Placement.Of(image.BoundingBox).Orientation;
            return (mediaType, mediaType == PictureCoding.Jpeg ? Upright.Jpeg(bytes, orientation) : Upright.Png(bytes, orientation), true);
        }

        private static double Shown(IPdfImage image) => Placement.Of(image.BoundingBox) is var place ? place.Width * place.Height : 0;

        /// <summary>A picture of a page, or what has to be rendered for it.</summary>
        private sealed record Part(int Page, PdfPicture? Picture, PdfRendering? Rendering);
    }
}
