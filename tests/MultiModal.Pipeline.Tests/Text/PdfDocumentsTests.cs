using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Options;
using MultiModal.Decoder.Pdf;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Text;
using NetVips;

namespace MultiModal.Pipeline.Tests.Text;

public sealed class PdfDocumentsTests : IDisposable
{
    private static readonly string[] Letter = ["The pump was delivered to the harbour on Monday.", "Please pay 240 euros by Friday."];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_text_layer_is_read_page_by_page()
    {
        var content = await ReadAsync(await SamplePdf.TextAsync(folder, Letter, ["The warranty lasts two years."]));
        Assert.Equal([1, 2], content.Texts.Select(t => t.Page));
        Assert.Equal(
            [$"{Letter[0]}\n{Letter[1]}", "The warranty lasts two years."],
            content.Texts.Select(t => t.Text.Replace("\n\n", "\n", StringComparison.Ordinal)));
        Assert.Empty(content.Pictures);
        Assert.Empty(content.Notes);
    }

    [Fact]
    public async Task A_scan_gives_a_picture_for_each_page()
    {
        var content = await ReadAsync(await SamplePdf.ScanAsync(folder, Letter, ["Second page."]));
        Assert.Empty(content.Texts);
        Assert.Equal([1, 2], content.Pictures.Select(p => p.Page));
        Assert.Equal((1240, 1754), await SizeAsync(content.Pictures[0]));
    }

    [Fact]
    public async Task A_photographed_page_is_taken_as_the_JPEG_that_it_is()
    {
        var jpeg = folder["photo.jpg"];
        await File.WriteAllBytesAsync(jpeg, TestImage.Jpeg(3, 600, 800));
        var content = await ReadAsync(await JpegPageAsync(jpeg, rotate: 0));
        var picture = Assert.Single(content.Pictures);
        Assert.Equal("image/jpeg", picture.MediaType);
        Assert.Equal(await File.ReadAllBytesAsync(jpeg), await File.ReadAllBytesAsync(folder[picture.File]));
    }

    [Theory]
    [InlineData(90, 800, 600)]
    [InlineData(180, 600, 800)]
    [InlineData(270, 800, 600)]
    public async Task A_turned_page_is_looked_at_upright(int degrees, int width, int height)
    {
        var jpeg = folder["photo.jpg"];
        await File.WriteAllBytesAsync(jpeg, TestImage.Jpeg(3, 600, 800));
        Assert.Equal((width, height), await SizeAsync((await ReadAsync(await JpegPageAsync(jpeg, degrees))).Pictures[0]));

        // The same for a picture that is no JPEG.
        var scan = await SamplePdf.ScanAsync(folder, Letter);
        var turned = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(scan))
            .Replace("/Type /Page\n", $"/Type /Page/Rotate {degrees}\n", StringComparison.Ordinal);
        Assert.Contains("/Rotate", turned, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(scan, Encoding.Latin1.GetBytes(turned));
        Assert.Equal(degrees == 180 ? (1240, 1754) : (1754, 1240), await SizeAsync((await ReadAsync(scan)).Pictures[0]));
    }

    [Fact]
    public async Task A_page_that_was_scanned_in_strips_is_put_together()
    {
        const int height = 200;
        var whole = folder[Assert.Single((await ReadAsync(await SamplePdf.ScanAsync(folder, Letter))).Pictures).File];
        using var scan = Image.NewFromFile(whole);
        var (content, strips) = (new StringBuilder(), new List<byte[]>());
        for (var top = 0; top < scan.Height; top += height)
        {
            var rows = Math.Min(height, scan.Height - top);
            var jpeg = scan.Crop(0, top, scan.Width, rows).JpegsaveBuffer(q: 90);
            content.Append(
                CultureInfo.InvariantCulture,
                $"q 300 0 0 {400.0 * rows / scan.Height} 0 {400.0 * (scan.Height - top - rows) / scan.Height} cm /P{strips.Count + 5} Do Q ");
            strips.Add(PdfReadings.JpegPicture(jpeg));
        }

        var read = await ReadAsync(await PicturePageAsync(0, content.ToString(), [.. strips]));
        var together = folder[Assert.Single(read.Pictures).File];
        Assert.Empty(read.Notes);
        Assert.All(Ink(whole).Zip(Ink(together)), tenth => Assert.InRange(tenth.Second, tenth.First - 0.5, tenth.First + 0.5));
        Assert.Contains(Ink(whole), tenth => tenth < 250);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(90, 1, 0)]
    [InlineData(180, 1, 1)]
    [InlineData(270, 0, 1)]
    public async Task Pictures_of_a_turned_page_are_put_together_upright(int degrees, int darkColumn, int darkRow)
    {
        // Dark to the upper left of the page as it lies, and light elsewhere.
        var (dark, light) = (await SquareAsync("black"), await SquareAsync("white"));
        var content = await ReadAsync(await PicturePageAsync(
            degrees,
            "q 150 0 0 200 0 200 cm /P5 Do Q q 150 0 0 200 150 200 cm /P6 Do Q q 300 0 0 200 0 0 cm /P6 Do Q",
            PdfReadings.JpegPicture(dark),
            PdfReadings.JpegPicture(light)));
        var picture = Assert.Single(content.Pictures);
        using var page = Image.NewFromFile(folder[picture.File]);
        var ink = Enumerable.Range(0, 2).SelectMany(row => Enumerable.Range(0, 2).Select(column =>
            (column, row, mean: page.Crop(page.Width * column / 2, page.Height * row / 2, page.Width / 2, page.Height / 2).Avg())));
        Assert.All(ink, quarter => Assert.Equal((quarter.column, quarter.row) == (darkColumn, darkRow), quarter.mean < 100));
    }

    [Fact]
    public async Task Letters_that_lie_as_a_mask_over_the_picture_of_the_paper_are_seen()
    {
        var paper = await SquareAsync("rgb(230,225,210)");
        var content = await ReadAsync(await PicturePageAsync(
            0,
            "q 300 0 0 400 0 0 cm /P5 Do Q q 150 0 0 200 0 200 cm /P6 Do Q",
            PdfReadings.JpegPicture(paper),
            Pdf.Stream("/Type/XObject/Subtype/Image/Width 8/Height 8/ImageMask true/BitsPerComponent 1", [0, 0, 0, 0, 255, 255, 255, 255])));
        using var page = Image.NewFromFile(folder[Assert.Single(content.Pictures).File]);
        Assert.InRange(page.Crop(0, 0, page.Width / 2, page.Height / 4).Avg(), 0, 20);
        Assert.InRange(page.Crop(0, page.Height / 4, page.Width / 2, page.Height / 4).Avg(), 210, 235);
    }

    [Fact]
    public async Task A_fax_and_a_JPEG_2000_page_are_read()
    {
        var (drawn, bits, jp2) = (folder["letter.png"], folder["letter.pbm"], folder["letter.jp2"]);
        await Tool.ImageMagickAsync(
            "-size", "800x400", "xc:white", "-font", "DejaVu-Sans", "-pointsize", "60", "-annotate", "+60+200", "HARBOUR CAFE", "-threshold", "50%",
            drawn);
        await Tool.ImageMagickAsync(drawn, bits);
        await Tool.ImageMagickAsync(drawn, "-quality", "60", jp2);

        // Black is 1 in a PBM and 0 in PostScript.
        var hex = Convert.ToHexString([.. (await File.ReadAllBytesAsync(bits))[^(800 / 8 * 400)..].Select(b => (byte)~b)]);
        var fax = await SamplePdf.DrawAsync(
            folder, $"400 200 scale 800 400 1 [800 0 0 -400 0 400] {{currentfile 100 string readhexstring pop}} bind image\n{hex}\nshowpage",
            "-sDEVICE=pdfwrite");
        Assert.Contains("/CCITTFaxDecode", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(fax)), StringComparison.Ordinal);
        var archived = await PicturePageAsync(
            0, "q 300 0 0 150 0 125 cm /P5 Do Q",
            Pdf.Stream(
                "/Type/XObject/Subtype/Image/Width 800/Height 400/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/JPXDecode",
                await File.ReadAllBytesAsync(jp2)));
        foreach (var pdf in new[] { fax, archived })
        {
            var read = Assert.Single((await ReadAsync(pdf)).Pictures);
            using var shown = Image.NewFromFile(folder[read.File]).Colourspace(Enums.Interpretation.Bw);
            using var original = Image.NewFromFile(drawn).Colourspace(Enums.Interpretation.Bw);
            Assert.Equal((800, 400), (shown.Width, shown.Height));
            Assert.InRange((shown[0] - original[0]).Abs().Avg(), 0, 4);
        }
    }

    [Fact]
    public async Task Pages_past_the_limit_are_named()
    {
        var content = await ReadAsync(await SamplePdf.ScanAsync(folder, ["1"], ["2"], ["3"], ["4"]), new PdfOptions { MaxPages = 1 });
        Assert.Single(content.Pictures);
        Assert.Equal(["Pages 2-4 were not looked at, because at most 1 pictures of a PDF are (Pdf:MaxPages)."], content.Notes);
    }

    [Fact]
    public async Task A_password_is_asked_for_only_where_reading_needs_one()
    {
        Assert.Equal(FailureCodes.EncryptedPdf, await FailureOfAsync(await SamplePdf.EncryptedAsync(folder, "user")));
        Assert.Equal("A secret.", Assert.Single((await ReadAsync(await SamplePdf.EncryptedAsync(folder, ""))).Texts).Text);
    }

    [Fact]
    public async Task A_truncated_and_a_broken_PDF_are_corrupt()
    {
        var whole = await File.ReadAllBytesAsync(await SamplePdf.ScanAsync(folder, Letter));
        await File.WriteAllBytesAsync(folder["half.pdf"], whole[..(whole.Length / 4)]);
        Assert.Equal(FailureCodes.CorruptPdf, await FailureOfAsync(folder["half.pdf"]));
        await File.WriteAllTextAsync(folder["broken.pdf"], "%PDF-1.4\n1 0 obj\nnothing of the kind\n");
        Assert.Equal(FailureCodes.CorruptPdf, await FailureOfAsync(folder["broken.pdf"]));
    }

    [Fact]
    public async Task Limits_on_bytes_and_text_are_kept()
    {
        var pdf = await SamplePdf.TextAsync(folder, Letter);
        Assert.Equal(FailureCodes.FileTooLarge, await FailureOfAsync(pdf, new PdfOptions { MaxBytes = 100 }));
        var texts =
            Enumerable.Range(0, 30).Select(page => Enumerable.Range(0, 15).Select(line => $"Line {line} of page {page} is one of many.").ToArray())
                .ToArray();
        Assert.Equal(
            FailureCodes.TextTooLarge, await FailureOfAsync(await SamplePdf.TextAsync(folder, texts), text: new TextOptions { MaxBytes = 2048 }));
    }

    [Fact]
    public async Task A_page_that_unpacks_to_gigabytes_is_bounded_in_memory_and_time()
    {
        var bomb = folder["bomb.pdf"];
        await File.WriteAllBytesAsync(bomb, Bomb(2000, " "u8));
        var decoder = Decoders.With(new DecoderOptions { MaxMegabytes = 256, TimeoutSeconds = 60 });
        var watch = Stopwatch.StartNew();
        var outcome = await PdfReadings.Documents(decoder).ReadAsync(bomb, folder.Path, CancellationToken.None);
        Assert.Contains(outcome.Failure?.Code, new[] { FailureCodes.FileTooLarge, FailureCodes.CorruptPdf, FailureCodes.UnreadablePdf });
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Reading_that_takes_too_long_is_ended()
    {
        var bomb = folder["endless.pdf"];
        await File.WriteAllBytesAsync(bomb, Bomb(16, "q Q "u8));
        var hasty = Decoders.With(new DecoderOptions { TimeoutSeconds = 1 });
        var outcome = await PdfReadings.Documents(hasty).ReadAsync(bomb, folder.Path, CancellationToken.None);
        Assert.Equal((FailureCodes.StepTimedOut, true), (outcome.Failure?.Code, outcome.Failure?.Retryable));
    }

    /// <summary>A page with a JPEG on it, written by hand: the picture's bytes must come out as they went in.</summary>
    private async Task<string> JpegPageAsync(string jpeg, int rotate)
    {
        var picture = await File.ReadAllBytesAsync(jpeg);
        return await PicturePageAsync(rotate, "q 300 0 0 400 0 0 cm /P5 Do Q", PdfReadings.JpegPicture(picture));
    }

    /// <summary>A page of 300 by 400 points, written by hand, with pictures P5, P6 and so on.</summary>
    private Task<string> PicturePageAsync(int rotate, string content, params byte[][] pictures) => WriteAsync(
    [
        Pdf.Text("<</Type/Catalog/Pages 2 0 R>>"),
        Pdf.Text("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        Pdf.Text(
            $"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Rotate {rotate}/Contents 4 0 "
                + $"R/Resources<</XObject<<{string.Join(' ', pictures.Select((_, i) => $"/P{i + 5} {i + 5} 0 R"))}>>>>>>"),
        Pdf.Stream("", Pdf.Text(content)),
        .. pictures,
    ]);

    private async Task<byte[]> SquareAsync(string colour)
    {
        var file = folder[$"{Guid.NewGuid():N}.jpg"];
        await Tool.ImageMagickAsync("-size", "200x200", $"xc:{colour}", file);
        return await File.ReadAllBytesAsync(file);
    }

    /// <summary>How light each tenth of a page is, from the top.</summary>
    private static IReadOnlyList<double> Ink(string file)
    {
        using var page = Image.NewFromFile(file).Colourspace(Enums.Interpretation.Bw);
        return [.. Enumerable.Range(0, 10).Select(part => page.Crop(0, page.Height * part / 10, page.Width, page.Height / 10).Avg())];
    }

    private static byte[] Bomb(int megabytes, ReadOnlySpan<byte> content)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var megabyte = new byte[1 << 20];
            for (var i = 0; i < megabyte.Length; i++) megabyte[i] = content[i % content.Length];
            for (var i = 0; i < megabytes; i++) zlib.Write(megabyte);
        }

        return Pdf.Document(
            Pdf.Text("<</Type/Catalog/Pages 2 0 R>>"),
            Pdf.Text("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            Pdf.Text("<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 4 0 R>>"),
            Pdf.Stream("/Filter/FlateDecode", packed.ToArray()));
    }

    private async Task<string> WriteAsync(params byte[][] objects)
    {
        var path = folder[$"{Guid.NewGuid():N}.pdf"];
        await File.WriteAllBytesAsync(path, Pdf.Document(objects));
        return path;
    }

    private async Task<(int Width, int Height)> SizeAsync(PdfPicture picture)
    {
        using var engine = new NetVipsImageEngine(Decoders.Usual);
        var image = (await engine.OptimizeAsync(folder[picture.File], new OptimizeRequest(2000, 100_000_000, 85), CancellationToken.None)).Value;
        return (image.OriginalWidth, image.OriginalHeight);
    }

    private async Task<PdfReading> ReadAsync(string pdf, PdfOptions? options = null)
    {
        var outcome = await TryAsync(pdf, options);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome.Value;
    }

    private async Task<string?> FailureOfAsync(string pdf, PdfOptions? options = null, TextOptions? text = null) =>
        (await TryAsync(pdf, options, text)).Failure?.Code;

    private Task<Outcome<PdfReading>> TryAsync(string pdf, PdfOptions? options = null, TextOptions? text = null) =>
        PdfReadings.Documents(options: options, text: text).ReadAsync(pdf, folder.Path, CancellationToken.None);
}
