using System.Globalization;
using System.Text;
using MultiModal.Pipeline.Text;
using NetVips;

namespace MultiModal.Pipeline.Tests.Text;

/// <summary>What a PDF has besides its text layer and scans is read as well: form fields, comments, figures, drawings.</summary>
public sealed class WholePdfTests : IDisposable
{
    private static readonly string[] Prose =
        [.. Enumerable.Range(1, 8).Select(line => $"Line {line}: the harbour office counts the boats that come in.")];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Values_of_form_fields_are_read_with_their_labels()
    {
        var name = Convert.ToHexString([0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("Zoë Łukasz")]);
        var page = Pdf.Page(
            Pdf.Lines("Application"),
            "/Annots[6 0 R 7 0 R 8 0 R 10 0 R 11 0 R 12 0 R 13 0 R 14 0 R]",
            "/AcroForm<</Fields[6 0 R 7 0 R 8 0 R 9 0 R 12 0 R 13 0 R 14 0 R]>>",
            Widget($"/FT/Tx/T(name)/TU(Your name)/V<{name}>"),
            Widget("/FT/Ch/T(country)/Opt[[(de)(Germany)][(fr)(France)]]/V(fr)"),
            Widget("/FT/Btn/T(newsletter)/V/Yes/AS/Yes"),
            Pdf.Text("<</FT/Btn/Ff 32768/T(payment)/V/card/Kids[10 0 R 11 0 R]>>"),
            Widget("/Parent 9 0 R/AS/Off"),
            Widget("/Parent 9 0 R/AS/card"),
            Widget("/FT/Tx/Ff 8192/T(password)/V(hunter2)"),
            Widget("/FT/Tx/T(internal)/V(not for readers)/F 2"),
            Widget("/FT/Tx/T(city)"));
        var text = Assert.Single((await ReadAsync(page)).Texts).Text;
        Assert.Equal("Application\n\nForm fields:\nYour name: Zoë Łukasz\ncountry: France\nnewsletter: yes\npayment: card", text);
    }

    [Fact]
    public async Task An_XFA_form_is_read_by_its_data_without_what_its_fields_have_said()
    {
        const string xml =
            "<xfa:datasets xmlns:xfa=\"http://www.xfa.org/schema/xfa-data/1.0/\"><xfa:data><order><buyer>Mrs. Grün</buyer><pumps>12</pumps><empty/>"
            + "</order></xfa:data></xfa:datasets>";
        var page = Pdf.Page(
            Pdf.Lines("Please wait..."),
            "/Annots[7 0 R]",
            "/AcroForm<</Fields[7 0 R]/XFA[(preamble)8 0 R(datasets)6 0 R]>>",
            Pdf.Stream("", Encoding.UTF8.GetBytes(xml)),
            Widget("/FT/Tx/T(pumps)/V(12)"),
            Pdf.Stream("", Pdf.Text("<xdp:xdp xmlns:xdp=\"http://ns.adobe.com/xdp/\">")));
        var text = Assert.Single((await ReadAsync(page)).Texts).Text;
        Assert.Equal("Please wait...\n\nForm fields:\npumps: 12\n\nForm fields:\nbuyer: Mrs. Grün", text);
    }

    [Fact]
    public async Task An_XFA_form_cannot_make_the_reader_open_or_expand_anything()
    {
        const string xml =
            "<!DOCTYPE d [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>"
            + "<xfa:data xmlns:xfa=\"http://www.xfa.org/schema/xfa-data/1.0/\"><a>&e;</a></xfa:data>";
        var page = Pdf.Page(Pdf.Lines("Please wait..."), "", "/AcroForm<</XFA 6 0 R>>", Pdf.Stream("", Pdf.Text(xml)));
        Assert.Equal("Please wait...", Assert.Single((await ReadAsync(page)).Texts).Text);
    }

    [Fact]
    public async Task Comments_are_read_with_their_authors()
    {
        var page = Pdf.Page(
            Pdf.Lines("The pump costs 240 euros."),
            "/Annots[6 0 R 7 0 R 8 0 R 9 0 R 10 0 R]",
            "",
            Annotation("/Subtype/Text/T(Anna)/Contents(Too dear, ask for 200.)"),
            Annotation("/Subtype/FreeText/RC(<body xmlns=\"http://www.w3.org/1999/xhtml\"><p>Paid on <b>Monday</b></p></body>)"),
            Annotation("/Subtype/Highlight/Contents(Jonas agrees)"),
            Annotation("/Subtype/Popup/Contents(Too dear, ask for 200.)"),
            Annotation("/Subtype/Underline"));
        var text = Assert.Single((await ReadAsync(page)).Texts).Text;
        Assert.Equal("The pump costs 240 euros.\n\nComments:\nAnna: Too dear, ask for 200.\nPaid on Monday\nJonas agrees", text);
    }

    [Fact]
    public async Task A_scan_with_a_comment_is_still_a_scan()
    {
        var jpeg = TestImage.Jpeg(3, 600, 800);
        var page = Pdf.Page(
            "q 300 0 0 400 0 0 cm /P6 Do Q", "/Annots[7 0 R]", "", PdfReadings.JpegPicture(jpeg),
            Annotation("/Subtype/Text/Contents(This is the signed copy, which the harbour office sent back to us on Monday.)"));
        var read = await ReadAsync(page);
        Assert.Equal(jpeg, await File.ReadAllBytesAsync(folder[Assert.Single(read.Pictures).File]));
        Assert.Contains("signed copy", Assert.Single(read.Texts).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chart_beside_text_is_looked_at_and_a_logo_is_not()
    {
        var (chart, logo) = (TestImage.Jpeg(5, 800, 600), TestImage.Jpeg(6, 400, 400));
        var page = Pdf.Page(
            Pdf.Lines(Prose) + "q 200 0 0 150 50 50 cm /P6 Do Q q 40 0 0 40 240 350 cm /P7 Do Q", "", "",
            PdfReadings.JpegPicture(chart), PdfReadings.JpegPicture(logo));
        var read = await ReadAsync(page);
        var picture = Assert.Single(read.Pictures);
        Assert.Equal(chart, await File.ReadAllBytesAsync(folder[picture.File]));
        Assert.Contains("Line 8", Assert.Single(read.Texts).Text, StringComparison.Ordinal);
        Assert.Empty(read.Notes);
        Assert.Empty(read.Warnings);
    }

    [Fact]
    public async Task A_picture_behind_text_is_not_looked_at()
    {
        // So does a scan whose letters were recognised by a program: they lie on it unseen.
        var page = Pdf.Page("q 300 0 0 400 0 0 cm /P6 Do Q " + Pdf.Lines(Prose), "", "", PdfReadings.JpegPicture(TestImage.Jpeg(5, 800, 600)));
        Assert.Empty((await ReadAsync(page)).Pictures);
    }

    [Fact]
    public async Task A_picture_that_is_on_several_pages_is_looked_at_once()
    {
        var chart = PdfReadings.JpegPicture(TestImage.Jpeg(5, 800, 600));
        var content = Pdf.Stream("", Pdf.Text(Pdf.Lines(Prose) + "q 200 0 0 150 50 50 cm /P6 Do Q"));
        var page = Pdf.Text("<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 5 0 R/Resources<</Font<</F1 7 0 R>>/XObject<</P6 6 0 R>>>>>>");
        var twice = Pdf.Document(
            Pdf.Text("<</Type/Catalog/Pages 2 0 R>>"), Pdf.Text("<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>"), page, page, content, chart,
            Pdf.Text("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"));
        Assert.Equal(1, Assert.Single((await ReadAsync(twice)).Pictures).Page);
    }

    [Fact]
    public async Task A_drawn_chart_beside_text_is_rendered_with_its_labels_and_without_the_text_above()
    {
        var bars = string.Concat(Enumerable.Range(0, 4).Select(bar => $"0.2 0.4 0.8 rg {60 + (bar * 45)} 80 30 {40 + (bar * 25)} re f "));
        var labels = "BT 0 g /F1 9 Tf 60 68 Td (north) Tj ET ";
        var page = Pdf.Page(Pdf.Lines(Prose) + bars + labels);
        var read = await ReadAsync(page);
        var picture = Assert.Single(read.Pictures);
        using var shown = Image.NewFromFile(folder[picture.File]);
        var (width, height) = (165 + 72, 115 + 72);
        Assert.InRange(shown.Width, (width * 200 / 72) - 4, (width * 200 / 72) + 4);
        Assert.InRange(shown.Height, (height * 200 / 72) - 4, (height * 200 / 72) + 4);

        // The label below the bars is inside; blue and black are all that there is.
        Assert.True(shown.ExtractBand(0).Min() < 20);
    }

    [Fact]
    public async Task A_line_chart_is_rendered_as_well()
    {
        var curve = "1 w 60 80 m " + string.Concat(Enumerable.Range(1, 40).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"{60 + (i * 4)} {120 + (40 * Math.Sin(i * 0.4)):F2} l "))) + "S ";
        Assert.Single((await ReadAsync(Pdf.Page(Pdf.Lines(Prose) + curve))).Pictures);
    }

    [Fact]
    public async Task The_shades_and_rules_of_a_table_and_boxes_around_text_are_not_looked_at()
    {
        var rows = string.Concat(
            Enumerable.Range(0, 10).Select(row => 200 - (row * 20)).Select(y => $"0.9 g 20 {y} 260 10 re f 0 G 20 {y} m 280 {y} l S "));
        var cells = "BT 0 g /F1 9 Tf 10 TL 22 202 Td "
            + string.Concat(Enumerable.Range(0, 20).Select(row => $"(Pump {row} for the harbour, delivered on Monday, 240 euros) Tj T* ")) + "ET ";
        const string box =
            "0.5 G 30 300 m 270 300 l 275 300 280 305 280 310 c 280 380 l 280 385 275 390 270 390 c 30 390 l 25 390 20 385 20 380 c "
            + "20 310 l 20 305 25 300 30 300 c s ";
        Assert.Empty((await ReadAsync(Pdf.Page(Pdf.Lines([.. Prose.Take(5)]) + rows + cells + box))).Pictures);
    }

    [Fact]
    public async Task A_page_that_is_only_drawn_is_rendered()
    {
        // Ghostscript draws the outlines of the letters: no letter is left in the file.
        var drawing = await SamplePdf.DrawAsync(
            folder, "/Helvetica-Bold findfont 60 scalefont setfont 60 600 moveto (HARBOUR) show 60 500 moveto (CAFE) show showpage",
            "-sDEVICE=pdfwrite", "-dNoOutputFonts");
        var read = await ReadAsync(await File.ReadAllBytesAsync(drawing));
        Assert.Empty(read.Texts);
        Assert.Empty(read.Notes);
        var picture = folder[Assert.Single(read.Pictures).File];
        var seen = await Tool.RunAsync("tesseract", picture, "-", "--psm", "6");
        Assert.Contains("HARBOUR", seen, StringComparison.Ordinal);
        Assert.Contains("CAFE", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 g 0 0 300 400 re f ")]
    [InlineData("0 G 20 380 m 280 380 l S ")]
    public async Task A_blank_page_is_not_looked_at(string content) =>
        Assert.Equal(FailureCodes.UnreadablePdf, (await TryAsync(Pdf.Page(content))).Failure?.Code);

    [Fact]
    public async Task A_JBIG2_scan_in_MMR_coding_is_read_pixel_by_pixel()
    {
        var (drawn, group4) = await FaxAsync("-font", "DejaVu-Sans", "-pointsize", "70", "-annotate", "+60+300", "HARBOUR CAFE");
        var (segments, width, height) = Jbig2.OfGroup4(group4);
        await AssertDecodesAsync(segments, drawn);

        // No other program is needed for it.
        var page = Pdf.Page("q 300 0 0 400 0 0 cm /P6 Do Q", "", "", Jbig2Picture(segments, width, height));
        var read = await TryAsync(page, renderer: "pdftoppm-that-nobody-has");
        Assert.Equal(0, Difference(folder[Assert.Single(read.Value.Pictures).File], drawn));
        Assert.Empty(read.Value.Warnings);
    }

    [Fact]
    public async Task Another_JBIG2_scan_is_rendered_at_its_own_resolution()
    {
        // Two regions on a page are more than our own reader knows.
        var (drawn, group4) = await FaxAsync("-fill", "black", "-draw", "rectangle 100,100 400,500");
        var (segments, width, height) = Jbig2.OfGroup4(group4, copies: 2);
        var both = folder["both.png"];
        await Tool.ImageMagickAsync(drawn, drawn, "-append", both);
        await AssertDecodesAsync(segments, both);

        var read = await ReadAsync(Pdf.Page("q 150 0 0 400 0 0 cm /P6 Do Q", "/CropBox[0 0 150 400]", "", Jbig2Picture(segments, width, height)));
        Assert.InRange(Difference(folder[Assert.Single(read.Pictures).File], both), 0, 1);
        Assert.Empty(read.Notes);
    }

    [Fact]
    public async Task A_damaged_picture_is_noted_and_no_model_sees_white_paper()
    {
        var failure = (await TryAsync(Pdf.Page("q 300 0 0 400 0 0 cm /P6 Do Q", "", "", Jbig2Picture([1, 2, 3], 800, 600)))).Failure;
        Assert.Equal(FailureCodes.UnreadablePdf, failure?.Code);
        Assert.Contains("Nothing was found to look at on page 1", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_pdftoppm_the_pages_that_need_it_are_named_with_a_code()
    {
        var drawing = Pdf.Page(string.Concat(Enumerable.Range(0, 9).Select(i => $"{i * 30} 10 m {300 - (i * 20)} 390 l S ")));
        var missing = (await TryAsync(drawing, renderer: "pdftoppm-that-nobody-has")).Failure;
        Assert.Equal(FailureCodes.PdftoppmMissing, missing?.Code);
        Assert.Contains("page 1 shows", missing?.Message, StringComparison.Ordinal);
        Assert.Contains("poppler-utils", missing?.Message, StringComparison.Ordinal);

        var beside = await TryAsync(
            Pdf.Page(
                Pdf.Lines(Prose) + string.Concat(Enumerable.Range(0, 9).Select(i => $"{i * 30} 10 m {300 - (i * 20)} 200 l S "))),
            renderer: "pdftoppm-that-nobody-has");
        Assert.Contains("Line 8", Assert.Single(beside.Value.Texts).Text, StringComparison.Ordinal);
        Assert.Equal([FailureCodes.PdftoppmMissing], beside.Value.Warnings.Select(w => w.Code));
    }

    [Fact]
    public async Task Pages_that_are_pictures_come_before_figures_where_there_are_too_many()
    {
        var scan = await SamplePdf.ScanAsync(folder, ["The signed page."]);
        var chart = folder["chart.pdf"];
        await File.WriteAllBytesAsync(
            chart, Pdf.Page(Pdf.Lines(Prose) + "q 200 0 0 150 50 50 cm /P6 Do Q", "", "", PdfReadings.JpegPicture(TestImage.Jpeg(5, 800, 600))));
        var both = await SamplePdf.JoinedAsync(folder, chart, scan);
        var read = await ReadAsync(await File.ReadAllBytesAsync(both), new PdfOptions { MaxPages = 1 });
        Assert.Equal(2, Assert.Single(read.Pictures).Page);
        Assert.Equal(["Page 1 was not looked at, because at most 1 pictures of a PDF are (Pdf:MaxPages)."], read.Notes);
    }

    /// <summary>jbig2dec, which shares no code with poppler or this test, must find the drawn pixels in the segments.</summary>
    private async Task AssertDecodesAsync(byte[] segments, string drawn)
    {
        var (embedded, decoded) = (folder["letter.jb2"], folder["letter.pbm"]);
        await File.WriteAllBytesAsync(embedded, segments);
        await Tool.RunAsync("jbig2dec", "-e", "-t", "pbm", "-o", decoded, embedded);
        await Tool.ImageMagickAsync(decoded, folder["decoded.png"]);
        Assert.Equal(0, Difference(folder["decoded.png"], drawn));
    }

    /// <summary>A picture of 900 by 1,200 black and white pixels, and the same as libtiff codes it for a fax.</summary>
    private async Task<(string Drawn, byte[] Group4)> FaxAsync(params string[] drawing)
    {
        var (drawn, tiff) = (folder["letter.png"], folder["letter.tif"]);
        await Tool.ImageMagickAsync(["-size", "900x1200", "xc:white", .. drawing, "-threshold", "50%", "-type", "bilevel", drawn]);
        await Tool.ImageMagickAsync(
            drawn, "-compress", "Group4", "-define", "tiff:rows-per-strip=1200", "-define", "quantum:polarity=min-is-white", tiff);
        return (drawn, await File.ReadAllBytesAsync(tiff));
    }

    /// <summary>Mean difference of two pictures of the same size, of 255.</summary>
    private static double Difference(string one, string other)
    {
        using var first = Image.NewFromFile(one).Colourspace(Enums.Interpretation.Bw);
        using var second = Image.NewFromFile(other).Colourspace(Enums.Interpretation.Bw);
        Assert.Equal((second.Width, second.Height), (first.Width, first.Height));
        return (first[0] - second[0]).Abs().Avg();
    }

    private static byte[] Jbig2Picture(byte[] segments, int width, int height) => Pdf.Stream(
        $"/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode", segments);

    private static byte[] Widget(string members) => Annotation($"/Subtype/Widget{members}");

    private static byte[] Annotation(string members) => Pdf.Text($"<</Type/Annot/Rect[10 10 90 30]{members}>>");

    private async Task<PdfReading> ReadAsync(byte[] pdf, PdfOptions? options = null)
    {
        var outcome = await TryAsync(pdf, options);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome.Value;
    }

    private async Task<Outcome<PdfReading>> TryAsync(byte[] pdf, PdfOptions? options = null, string renderer = PageRenderer.Program)
    {
        var path = folder[$"{Guid.NewGuid():N}.pdf"];
        await File.WriteAllBytesAsync(path, pdf);
        return await PdfReadings.Documents(options: options, renderer: renderer).ReadAsync(path, folder.Path, CancellationToken.None);
    }
}
