using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Options;
using MultiModal.Decoder.Pdf;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Tests.Images;
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
        var content = await Read(await SamplePdf.Text(folder, Letter, ["The warranty lasts two years."]));
        Assert.Equal($"{Letter[0]}\n{Letter[1]}\n\nThe warranty lasts two years.", content.Text.Replace("\n\nPlease", "\nPlease", StringComparison.Ordinal));
        Assert.Equal(2, content.Pages);
        Assert.Empty(content.Pictures);
        Assert.Empty(content.Notes);
    }

    [Fact]
    public async Task A_scan_gives_a_picture_for_each_page()
    {
        var content = await Read(await SamplePdf.Scan(folder, Letter, ["Second page."]));
        Assert.Equal("", content.Text);
        Assert.Equal([1, 2], content.Pictures.Select(p => p.Page));
        Assert.Equal((1240, 1754), await Size(content.Pictures[0]));
    }

    [Fact]
    public async Task A_photographed_page_is_taken_as_the_JPEG_that_it_is()
    {
        var jpeg = folder["photo.jpg"];
        await File.WriteAllBytesAsync(jpeg, Runs.TestImage.Jpeg(3, 600, 800));
        var content = await Read(await JpegPage(jpeg, rotate: 0));
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
        await File.WriteAllBytesAsync(jpeg, Runs.TestImage.Jpeg(3, 600, 800));
        Assert.Equal((width, height), await Size((await Read(await JpegPage(jpeg, degrees))).Pictures[0]));

        // The same for a picture that is no JPEG.
        var scan = await SamplePdf.Scan(folder, Letter);
        var turned = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(scan)).Replace("/Type /Page\n", $"/Type /Page/Rotate {degrees}\n", StringComparison.Ordinal);
        Assert.Contains("/Rotate", turned, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(scan, Encoding.Latin1.GetBytes(turned));
        Assert.Equal(degrees == 180 ? (1240, 1754) : (1754, 1240), await Size((await Read(scan)).Pictures[0]));
    }

    [Fact]
    public async Task Pages_past_the_limit_are_named()
    {
        var content = await Read(await SamplePdf.Scan(folder, ["1"], ["2"], ["3"], ["4"]), new PdfOptions { MaxPages = 1 });
        Assert.Single(content.Pictures);
        Assert.Equal(["Pages 2-4 were not looked at: a PDF's pictures are, up to 1 (Pdf:MaxPages)."], content.Notes);
    }

    [Fact]
    public async Task A_password_is_asked_for_only_where_reading_needs_one()
    {
        Assert.Equal(FailureCodes.EncryptedPdf, await FailureOf(await SamplePdf.Encrypted(folder, "user")));
        Assert.Equal("A secret.", (await Read(await SamplePdf.Encrypted(folder, ""))).Text);
    }

    [Fact]
    public async Task A_drawing_without_letters_cannot_be_read_and_says_so()
    {
        var drawing = await SamplePdf.Draw(folder, "100 100 moveto 300 500 lineto 400 200 lineto stroke showpage", "-sDEVICE=pdfwrite");
        var failure = (await Try(drawing)).Failure;
        Assert.Equal(FailureCodes.UnreadablePdf, failure?.Code);
        Assert.Contains("Page 1 could not be read.", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_and_a_broken_PDF_are_corrupt()
    {
        var whole = await File.ReadAllBytesAsync(await SamplePdf.Scan(folder, Letter));
        await File.WriteAllBytesAsync(folder["half.pdf"], whole[..(whole.Length / 4)]);
        Assert.Equal(FailureCodes.CorruptPdf, await FailureOf(folder["half.pdf"]));
        await File.WriteAllTextAsync(folder["broken.pdf"], "%PDF-1.4\n1 0 obj\nnothing of the kind\n");
        Assert.Equal(FailureCodes.CorruptPdf, await FailureOf(folder["broken.pdf"]));
    }

    [Fact]
    public async Task Limits_on_bytes_and_text_are_kept()
    {
        var pdf = await SamplePdf.Text(folder, Letter);
        Assert.Equal(FailureCodes.FileTooLarge, await FailureOf(pdf, new PdfOptions { MaxBytes = 100 }));
        var texts = Enumerable.Range(0, 30).Select(page => Enumerable.Range(0, 15).Select(line => $"Line {line} of page {page} is one of many.").ToArray()).ToArray();
        Assert.Equal(FailureCodes.TextTooLarge, await FailureOf(await SamplePdf.Text(folder, texts), text: new TextOptions { MaxBytes = 2048 }));
    }

    [Fact]
    public async Task A_page_that_unpacks_to_gigabytes_is_bounded_in_memory_and_time()
    {
        var bomb = folder["bomb.pdf"];
        await File.WriteAllBytesAsync(bomb, Bomb(2000, " "u8));
        using var decoder = Decoders.With(new DecoderOptions { MaxMegabytes = 256, TimeoutSeconds = 60 });
        var watch = Stopwatch.StartNew();
        var outcome = await Documents(decoder).ReadAsync(bomb, folder.Path, CancellationToken.None);
        Assert.Contains(outcome.Failure?.Code, new[] { FailureCodes.FileTooLarge, FailureCodes.CorruptPdf, FailureCodes.UnreadablePdf });
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task What_takes_too_long_is_ended()
    {
        var bomb = folder["endless.pdf"];
        await File.WriteAllBytesAsync(bomb, Bomb(16, "q Q "u8));
        using var hasty = Decoders.With(new DecoderOptions { TimeoutSeconds = 1 });
        var outcome = await Documents(hasty).ReadAsync(bomb, folder.Path, CancellationToken.None);
        Assert.Equal((FailureCodes.StepTimedOut, true), (outcome.Failure?.Code, outcome.Failure?.Retryable));
    }

    /// <summary>A page with a JPEG on it, written by hand: the picture's bytes must come out as they went in.</summary>
    private async Task<string> JpegPage(string jpeg, int rotate)
    {
        var picture = await File.ReadAllBytesAsync(jpeg);
        using var image = NetVips.Image.NewFromBuffer(picture);
        var space = image.Bands == 1 ? "DeviceGray" : "DeviceRGB";
        return await Write(
            Text("<</Type/Catalog/Pages 2 0 R>>"),
            Text("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            Text($"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Rotate {rotate}/Contents 4 0 R/Resources<</XObject<</P 5 0 R>>>>>>"),
            Stream("", "q 300 0 0 400 0 0 cm /P Do Q"u8.ToArray()),
            Stream($"/Type/XObject/Subtype/Image/Width {image.Width}/Height {image.Height}/ColorSpace/{space}/BitsPerComponent 8/Filter/DCTDecode", picture));
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

        return Document(
            Text("<</Type/Catalog/Pages 2 0 R>>"),
            Text("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            Text("<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 4 0 R>>"),
            Stream("/Filter/FlateDecode", packed.ToArray()));
    }

    private async Task<string> Write(params byte[][] objects)
    {
        var path = folder[$"{Guid.NewGuid():N}.pdf"];
        await File.WriteAllBytesAsync(path, Document(objects));
        return path;
    }

    private static byte[] Document(params byte[][] objects)
    {
        using var pdf = new MemoryStream();
        pdf.Write("%PDF-1.4\n"u8);
        var places = new List<long>();
        for (var i = 0; i < objects.Length; i++)
        {
            places.Add(pdf.Length);
            pdf.Write([.. Text($"{i + 1} 0 obj\n"), .. objects[i], .. "\nendobj\n"u8]);
        }

        var table = pdf.Length;
        pdf.Write(Text($"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n"));
        foreach (var place in places) pdf.Write(Text($"{place:D10} 00000 n \n"));
        pdf.Write(Text($"trailer\n<</Size {objects.Length + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n"));
        return pdf.ToArray();
    }

    private static byte[] Text(string text) => Encoding.Latin1.GetBytes(text);

    private static byte[] Stream(string dictionary, byte[] content) =>
        [.. Text($"<<{dictionary}/Length {content.Length}>>\nstream\n"), .. content, .. "\nendstream"u8];

    private async Task<(int Width, int Height)> Size(PdfPicture picture)
    {
        using var engine = new NetVipsImageEngine(Decoders.Usual);
        var image = (await engine.OptimizeAsync(folder[picture.File], new OptimizeRequest(2000, 100_000_000, 85), CancellationToken.None)).Value;
        return (image.OriginalWidth, image.OriginalHeight);
    }

    private async Task<PdfContent> Read(string pdf, PdfOptions? options = null)
    {
        var outcome = await Try(pdf, options);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome.Value;
    }

    private async Task<string?> FailureOf(string pdf, PdfOptions? options = null, TextOptions? text = null) => (await Try(pdf, options, text)).Failure?.Code;

    private Task<Outcome<PdfContent>> Try(string pdf, PdfOptions? options = null, TextOptions? text = null) =>
        Documents(Decoders.Usual, options, text).ReadAsync(pdf, folder.Path, CancellationToken.None);

    private static PdfDocuments Documents(DecoderProcess decoder, PdfOptions? options = null, TextOptions? text = null) =>
        new(decoder, Options.Create(options ?? new PdfOptions()), Options.Create(new ImageOptions()), Options.Create(text ?? new TextOptions()));
}
