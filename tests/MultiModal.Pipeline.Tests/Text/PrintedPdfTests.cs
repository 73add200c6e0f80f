using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using MultiModal.Decoder.Pdf;
using Xunit.Abstractions;

namespace MultiModal.Pipeline.Tests.Text;

/// <summary>
/// Ten texts, printed by the programs that most PDFs come from. The words that pdftotext finds are found here as well, but for one in two hundred,
/// which is listed.
/// </summary>
public sealed partial class PrintedPdfTests(ITestOutputHelper output) : IDisposable
{
    private const double LeastFound = 0.995;
    private const int Paragraphs = 12;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The fonts of groff lack most letters of these.</summary>
    private static readonly string[] BeyondGroff = ["polish", "russian"];

    /// <summary>They take the place of those.</summary>
    private static readonly string[] ForGroff = ["italian", "dutch"];

    /// <summary>Prose, figures and code in many languages; each paragraph is numbered, so that words differ.</summary>
    private static readonly (string Name, string Paragraph)[] Texts =
    [
        ("english", "The office affirms that {0} efficient pumps flow across the affluent harbour; difficult waffles, fjords and offline traffic "
            + "fill the official shelf of {1} files."),
        ("german", "Die Geschäftsführungsbesprechung über {0} Überweisungen fand in der Straßenbahnhaltestelle statt, während die "
            + "Donaudampfschifffahrtsgesellschaft {1} Äpfel, Öfen und süße Brötchen lieferte."),
        ("french", "L’hôtel à côté de l’œuvre a reçu {0} élèves naïfs, où « la garçonnière » coûtait {1} euros; le bœuf, hélas, était déjà mangé."),
        ("spanish", "¿Cuántos pingüinos caben en el muelle número {0}? El niño señaló {1} cañones, y la corrupción del año pasado terminó mañana."),
        ("polish", "Zażółć gęślą jaźń: {0} łódek płynęło pod mostem, a źdźbło trawy rosło obok {1} świątyń."),
        ("greek", "Το λιμάνι έχει {0} πλοία και η αγορά πουλάει ψωμί, μήλα και {1} αχλάδια κάθε Σάββατο πρωί."),
        ("russian", "Насос доставили в гавань номер {0}, а рынок продаёт хлеб, яблоки и {1} груш каждую субботу."),
        ("italian", "Perché il caffè del porto numero {0} è già chiuso? "
            + "L’officina più vicina affitta {1} biciclette, e la città offre tè, pere e farina."),
        ("dutch", "De coëfficiënt van pomp {0} is één tiende hoger dan vorig jaar; officieel vertrekt de veerboot om kwart over {1} vanaf de kade."),
        ("figures", "Invoice 2026-{0}: 3 × pump (240.00 €) = 720.00 €, VAT 19 % 136.80 €, total 856.80 €; phone +49 40 {1}, due 14/12/2026."),
        ("code", "for (var i = {0}; i < items.Length; i++) total += items[i].Price * 1.19m; // see RFC {1} and https://example.org/a_b?c=d&e=f"),
        ("punctuation",
            "“Well-known” state-of-the-art e-mail addresses (first.last@example.org), dashes – like this — and ellipses… number {0}/{1}."),
    ];

    [SkippableTheory]
    [InlineData("chromium", "chromium")]
    [InlineData("LibreOffice", "soffice")]
    [InlineData("cairo", "pango-view")]
    [InlineData("groff", "gropdf")]
    [InlineData("Ghostscript", "gs")]
    public async Task The_words_that_pdftotext_finds_are_found(string printer, string program)
    {
        Skip.IfNot(Tool.IsInstalled(program), $"{printer} ({program}) is not installed, so that nothing says whether its PDFs are read.");
        Skip.IfNot(Tool.IsInstalled("groff"), "groff is not installed, which writes the PostScript for Ghostscript.");
        var (words, missing) = (0, new List<string>());
        var leftOut = program is "gropdf" or "gs" ? BeyondGroff : ForGroff;
        var texts = Texts.Where(t => !leftOut.Contains(t.Name))
            .Select(t => new Document(
                t.Name,
                [.. Enumerable.Range(1, Paragraphs).Select(n => string.Format(CultureInfo.InvariantCulture, t.Paragraph, n * 17, n * 101))]))
            .ToList();
        foreach (var (name, pdf) in await PrintAsync(printer, texts))
        {
            var expected = Words(await Tool.RunAsync("pdftotext", "-enc", "UTF-8", pdf, "-"));
            var pictures = Directory.CreateDirectory(folder[$"{name}.pages"]).FullName;
            var read = await PdfReadings.Documents().ReadAsync(pdf, pictures, CancellationToken.None);
            Assert.True(read.Succeeded, $"{printer}, {name}: {read.Failure}");
            var found = Words(string.Join("\n\n", read.Value.Texts.Select(t => t.Text))).GroupBy(w => w).ToDictionary(g => g.Key, g => g.Count());
            words += expected.Count;
            missing.AddRange(expected.GroupBy(w => w).SelectMany(g =>
                Enumerable.Repeat($"{name}: {g.Key}", Math.Max(0, g.Count() - found.GetValueOrDefault(g.Key)))));
            Assert.True(expected.Count > 20 * Paragraphs / 2, $"{printer}, {name}: pdftotext found {expected.Count} words only.");
        }

        output.WriteLine($"{printer}: {words - missing.Count} of {words} words. Missing: {string.Join(", ", missing)}");
        Assert.True(
            missing.Count <= (1 - LeastFound) * words, $"{printer}: {missing.Count} of {words} are missing: {string.Join(", ", missing.Take(200))}");
    }

    private async Task<IReadOnlyList<(string Name, string Pdf)>> PrintAsync(string printer, IReadOnlyList<Document> documents)
    {
        if (printer == "LibreOffice") return await LibreOfficeAsync(documents);
        var printed = new List<(string, string)>();
        foreach (var (name, paragraphs) in documents)
        {
            printed.Add((name, printer switch
            {
                "chromium" => await ChromiumAsync(name, paragraphs),
                "cairo" => await CairoAsync(name, paragraphs),
                "groff" => await GroffAsync(name, paragraphs, "pdf"),
                _ => await GhostscriptAsync(name, paragraphs),
            }));
        }

        return printed;
    }

    private async Task<string> ChromiumAsync(string name, string[] paragraphs)
    {
        var (page, pdf) = (await PageAsync(name, paragraphs), folder[$"{name}.pdf"]);
        await Tool.RunAsync(
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", $"--user-data-dir={folder["profile"]}",
            $"--print-to-pdf={pdf}", new Uri(page).AbsoluteUri);
        return pdf;
    }

    // It takes seconds to start, and prints as many pages as it is given.
    private async Task<IReadOnlyList<(string Name, string Pdf)>> LibreOfficeAsync(IReadOnlyList<Document> documents)
    {
        var pages = new List<string>();
        foreach (var (name, paragraphs) in documents) pages.Add(await PageAsync(name, paragraphs));
        await Tool.RunAsync(
            "soffice",
            [
                $"-env:UserInstallation={new Uri(folder["office"]).AbsoluteUri}", "--headless", "--convert-to", "pdf:writer_web_pdf_Export",
                "--outdir", folder.Path, .. pages,
            ]);
        return [.. documents.Select(d => (d.Name, folder[$"{d.Name}.pdf"]))];
    }

    private async Task<string> CairoAsync(string name, string[] paragraphs)
    {
        var (text, pdf) = (folder[$"{name}.txt"], folder[$"{name}.pdf"]);
        await File.WriteAllTextAsync(text, string.Join("\n\n", paragraphs));
        await Tool.RunAsync("pango-view", "--no-display", "--font=DejaVu Serif 11", "--width=450", "--wrap=word", $"--output={pdf}", text);
        return pdf;
    }

    private async Task<string> GroffAsync(string name, string[] paragraphs, string device)
    {
        // What would be a request of groff at the beginning of a line, or an escape, is text.
        var source = string.Concat(paragraphs.Select(p => $".PP\n\\&{p.Replace("\\", "\\e", StringComparison.Ordinal)}\n"));
        var (text, printed) = (folder[$"{name}.ms"], folder[$"{name}.{device}"]);
        await File.WriteAllTextAsync(text, source);
        await Tool.RunAsync("sh", "-c", "groff -K utf8 -ms -T\"$1\" \"$2\" >\"$3\" 2>/dev/null", "groff", device, text, printed);
        return printed;
    }

    private async Task<string> GhostscriptAsync(string name, string[] paragraphs)
    {
        var pdf = folder[$"{name}.pdf"];
        await Tool.GhostscriptAsync("-sDEVICE=pdfwrite", $"-sOutputFile={pdf}", await GroffAsync(name, paragraphs, "ps"));
        return pdf;
    }

    private async Task<string> PageAsync(string name, string[] paragraphs)
    {
        var page = folder[$"{name}.html"];
        var body = string.Concat(paragraphs.Select(p => $"<p>{WebUtility.HtmlEncode(p)}</p>"));
        await File.WriteAllTextAsync(
            page,
            "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><style>body { font-family: 'DejaVu Serif'; hyphens: auto }</style></head><body>"
                + $"<h1>{name}</h1>{body}</body></html>");
        return page;
    }

    private static List<string> Words(string text)
    {
        var whole = Hyphen().Replace(TypedLetters.Of(text), "$1$2");
        return [.. Word().Matches(whole).Select(m => m.Value)];
    }

    [GeneratedRegex(@"(\p{L})[-\u2010\u00AD]\s*\n\s*(\p{Ll})")]
    private static partial Regex Hyphen();

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex Word();

    private sealed record Document(string Name, string[] Paragraphs);
}
