using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.IO.Hashing;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Programs;
using MultiModal.Pipeline.Text;
using NetVips;

namespace MultiModal.Faults.Tests.Inputs;

/// <summary>
/// A thousand damaged files through sniffing and decoding: each ends in a value or a code, soon, and in bounded memory. The seed is fixed: what fails
/// once fails again.
/// </summary>
public sealed class MutatedMediaTests : IDisposable
{
    private const int Seed = 20_260_101;
    private const int Images = 900;
    private const int Recordings = 120;
    private const int Documents = 120;

    /// <summary>For one small file on a machine that is busy with other tests.</summary>
    private static readonly TimeSpan LongestDecode = TimeSpan.FromSeconds(30);

    private const long MostMemory = 1L << 30;

    private static readonly OptimizeRequest Request = new(1024, 50_000_000, 85);

    private readonly TemporaryFolder folder = new();
    private readonly DecoderProcess decoder = new(new ProgramRunner(TimeProvider.System), Options.Create(new DecoderOptions()));
    private readonly NetVipsImageEngine images;

    public MutatedMediaTests() => images = new NetVipsImageEngine(decoder);

    public void Dispose()
    {
        images.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Nine_hundred_damaged_pictures_end_in_a_picture_or_a_code()
    {
        var originals = Pictures();
        var wav = Warble();
        var random = new Random(Seed);
        var failed = 0;
        for (var number = 0; number < Images; number++)
        {
            var original = originals[number % originals.Count];
            var bytes = Mutation.Of(original, random, number % 2 == 0 ? originals[random.Next(originals.Count)] : wav);
            var outcome = await OptimizeAsync(bytes, $"{number}");
            if (outcome.Succeeded) Assert.InRange(Math.Max(outcome.Value.Width, outcome.Value.Height), 1, 1024);
            else failed++;
            if (!outcome.Succeeded) Assert.Contains(
                outcome.Failure.Code,
                (string[])[
                    FailureCodes.CorruptImage, FailureCodes.ImageTooLarge, FailureCodes.UnsupportedImage, FailureCodes.UnknownFormat,
                    FailureCodes.EmptyFile]);
        }

        // Damage that no decoder minds, or that none survives, would prove little.
        Assert.InRange(failed, Images / 10, Images * 9 / 10);
        Assert.True(Process.GetCurrentProcess().WorkingSet64 < MostMemory);
    }

    [Fact]
    public async Task Damaged_recordings_end_in_pieces_or_a_code()
    {
        var originals = await RecordedAsync();
        var preparer = new AudioPreparer(Options.Create(new AudioOptions()), new ProgramRunner(TimeProvider.System));
        var request = new AudioRequest(new SpeechLimits(25 << 20, 1500, ["audio/wav"], "audio/wav"), 300, TrimSilence: true);
        var random = new Random(Seed);
        for (var number = 0; number < Recordings; number++)
        {
            var bytes = Mutation.Of(originals[number % originals.Count], random, originals[random.Next(originals.Count)]);
            var sniffed = ContentSniffer.Sniff(bytes, $"{number}.wav", bytes.Length);
            var path = folder[$"{number}"];
            await File.WriteAllBytesAsync(path, bytes);
            var work = Directory.CreateDirectory(folder[$"{number}.work"]).FullName;
            var start = Stopwatch.GetTimestamp();
            var prepared = await preparer.PrepareAsync(path, sniffed.MediaType, request, work, CancellationToken.None);
            Assert.True(Stopwatch.GetElapsedTime(start) < LongestDecode);
            if (!prepared.Succeeded)
            {
                Assert.Contains(
                    prepared.Failure.Code,
                    (string[])[
                        FailureCodes.CorruptAudio, FailureCodes.NoSpeech, FailureCodes.NoAudioTrack, FailureCodes.AudioTooLong,
                        FailureCodes.EmptyFile]);
            }
        }
    }

    [Fact]
    public async Task Damaged_documents_end_in_a_text_or_a_code()
    {
        var originals = await DocumentsAsync();
        var renderer = new PageRenderer(new ProgramRunner(TimeProvider.System), Options.Create(new DecoderOptions()), TimeProvider.System);
        var pdfs = new PdfDocuments(
            decoder, renderer, Options.Create(new PdfOptions()), Options.Create(new ImageOptions()), Options.Create(new TextOptions()));
        var pages = new HtmlDocuments(decoder, Options.Create(new TextOptions()));
        var random = new Random(Seed);
        var failed = 0;
        for (var number = 0; number < Documents; number++)
        {
            var bytes = Mutation.Of(originals[number % originals.Count], random, originals[random.Next(originals.Count)]);
            var sniffed = ContentSniffer.Sniff(bytes.AsSpan(0, Math.Min(bytes.Length, ContentSniffer.HeadLength)), $"{number}.pdf", bytes.Length);
            var path = folder[$"{number}"];
            await File.WriteAllBytesAsync(path, bytes);
            var start = Stopwatch.GetTimestamp();
            var failure = sniffed.MediaType switch
            {
                "application/pdf" =>
                    (await pdfs.ReadAsync(path, Directory.CreateDirectory(folder[$"{number}.pages"]).FullName, CancellationToken.None)).Failure,
                "text/html" => (await pages.ReadAsync(bytes, folder[$"{number}.text"], CancellationToken.None)).Failure,
                _ => sniffed.Unsupported,
            };
            Assert.True(Stopwatch.GetElapsedTime(start) < LongestDecode);
            if (failure is null) continue;
            failed++;
            Assert.Contains(
                failure.Code,
                (string[])[
                    FailureCodes.CorruptPdf, FailureCodes.UnreadablePdf, FailureCodes.EncryptedPdf, FailureCodes.TextTooLarge, FailureCodes.EmptyFile,
                    FailureCodes.UndecodableText, FailureCodes.UnknownFormat]);
        }

        Assert.InRange(failed, 1, Documents * 9 / 10);
        Assert.True(Process.GetCurrentProcess().WorkingSet64 < MostMemory);
    }

    [Fact]
    public async Task A_picture_that_declares_more_than_it_may_is_refused_unread()
    {
        var png = Pictures()[1];
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 100_000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 100_000);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.HashToUInt32(png.AsSpan(12, 17)));
        Assert.Equal(FailureCodes.ImageTooLarge, (await OptimizeAsync(png, "declared")).Failure?.Code);
    }

    [Fact]
    public async Task A_bomb_is_refused_by_what_it_would_unpack_to()
    {
        // Ten thousand by ten thousand equal pixels, in a hundred kilobytes.
        using var black = Image.Black(10_000, 10_000);
        Assert.Equal(FailureCodes.ImageTooLarge, (await OptimizeAsync(black.PngsaveBuffer(compression: 9), "bomb")).Failure?.Code);
    }

    [Fact]
    public void Archives_within_archives_are_not_opened()
    {
        var inner = new byte[1 << 20];
        for (var level = 0; level < 5; level++)
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(inner);
            inner = packed.ToArray();
        }

        Assert.Equal(ItemKind.Unsupported, ContentSniffer.Sniff(inner, "nested.jpg", inner.Length).Kind);
    }

    [Fact]
    public async Task A_picture_that_is_a_page_as_well_is_a_picture()
    {
        byte[] polyglot = [.. Pictures()[0], .. "<html><script>alert(1)</script></html>"u8, .. "PK\x03\x04"u8];
        Assert.Equal(ItemKind.Image, ContentSniffer.Sniff(polyglot, "page.html", polyglot.Length).Kind);
        var outcome = await OptimizeAsync(polyglot, "polyglot");
        Assert.Equal(-1, outcome.Value.Bytes.Span.IndexOf("script"u8));
    }

    [Fact]
    public void Any_head_is_sniffed_without_an_exception()
    {
        var random = new Random(Seed);
        var originals = Pictures();
        for (var number = 0; number < 20_000; number++)
        {
            var head = number % 2 == 0 ? new byte[random.Next(256)] : originals[random.Next(originals.Count)][..random.Next(64)];
            if (number % 2 == 0) random.NextBytes(head);
            var sniffed = ContentSniffer.Sniff(head, "any.jpg", head.Length);
            Assert.Equal(sniffed.Kind == ItemKind.Unsupported, sniffed.Unsupported is not null);
        }
    }

    private async Task<Outcome<OptimizedImage>> OptimizeAsync(byte[] bytes, string name)
    {
        var path = folder[name];
        await File.WriteAllBytesAsync(path, bytes);
        ContentSniffer.Sniff(bytes.AsSpan(0, Math.Min(bytes.Length, ContentSniffer.HeadLength)), name, bytes.Length);
        var start = Stopwatch.GetTimestamp();
        var outcome = await images.OptimizeAsync(path, Request, CancellationToken.None);
        Assert.True(Stopwatch.GetElapsedTime(start) < LongestDecode);
        File.Delete(path);
        return outcome;
    }

    private static List<byte[]> Pictures()
    {
        using var picture = Image.Gaussnoise(64, 48, sigma: 40, mean: 128, seed: 1).Cast(Enums.BandFormat.Uchar).Bandjoin(100, 30)
            .Copy(interpretation: Enums.Interpretation.Srgb);
        return
        [
            picture.JpegsaveBuffer(q: 80),
            picture.PngsaveBuffer(),
            picture.GifsaveBuffer(),
            picture.WebpsaveBuffer(),
            picture.TiffsaveBuffer(),
            picture.JpegsaveBuffer(interlace: true),
            picture.PngsaveBuffer(interlace: true, palette: true),
        ];
    }

    /// <summary>A form, a commented page, a chart beside text, a drawing, scans in JPEG 2000 and JBIG2, and a web page.</summary>
    private async Task<List<byte[]>> DocumentsAsync()
    {
        var (picture, jp2, fax) = (folder["picture.png"], folder["picture.jp2"], folder["picture.tif"]);
        await File.WriteAllBytesAsync(picture, Pictures()[1]);
        await Tool.ImageMagickAsync(picture, "-resize", "400x300", "-quality", "60", jp2);
        await Tool.ImageMagickAsync(
            picture, "-resize", "400x300", "-threshold", "50%", "-type", "bilevel", "-compress", "Group4", "-define", "tiff:rows-per-strip=4000",
            "-define", "quantum:polarity=min-is-white", fax);
        var (segments, width, height) = Jbig2.OfGroup4(await File.ReadAllBytesAsync(fax));
        const string scan = "/Type/XObject/Subtype/Image/ColorSpace";
        var lines = Pdf.Lines([.. Enumerable.Range(0, 6).Select(line => $"Line {line} of a page about the pumps of the harbour.")]);
        var slanted = string.Concat(Enumerable.Range(0, 9).Select(i => $"{i * 30} 10 m {300 - (i * 20)} 200 l S "));
        return
        [
            Pdf.Page(
                lines, "/Annots[6 0 R 7 0 R]", "/AcroForm<</Fields[6 0 R]/XFA 8 0 R>>",
                Pdf.Text("<</Type/Annot/Subtype/Widget/Rect[10 10 90 30]/FT/Tx/T(name)/V(Gruen)>>"),
                Pdf.Text("<</Type/Annot/Subtype/Text/Rect[10 10 90 30]/T(reader)/Contents(Too dear)>>"),
                Pdf.Stream("", "<xfa:data xmlns:xfa=\"http://www.xfa.org/schema/xfa-data/1.0/\"><a>12</a></xfa:data>"u8.ToArray())),
            Pdf.Page(lines + slanted),
            Pdf.Page(slanted),
            Pdf.Page(
                "q 300 0 0 400 0 0 cm /P6 Do Q", "", "",
                Pdf.Stream($"{scan}/DeviceRGB/Width 400/Height 300/BitsPerComponent 8/Filter/JPXDecode", await File.ReadAllBytesAsync(jp2))),
            Pdf.Page(
                "q 300 0 0 400 0 0 cm /P6 Do Q", "", "",
                Pdf.Stream($"{scan}/DeviceGray/Width {width}/Height {height}/BitsPerComponent 1/Filter/JBIG2Decode", segments)),
            "<!DOCTYPE html><html><title>Pumps</title><body><h1>Pumps</h1><ul><li>one<li>two</ul><table><tr><td>3<td>4</table></html>"u8.ToArray(),
        ];
    }

    private async Task<List<byte[]>> RecordedAsync()
    {
        var wav = folder["tone.wav"];
        var recordings = new List<byte[]> { Warble() };
        await File.WriteAllBytesAsync(wav, recordings[0]);
        foreach (var format in new[] { "mp3", "m4a", "ogg", "flac" })
        {
            var path = folder[$"tone.{format}"];
            await Tool.FfmpegAsync("-i", wav, path);
            recordings.Add(await File.ReadAllBytesAsync(path));
        }

        return recordings;
    }

    /// <summary>Two seconds of a warbling tone, 16 kHz mono.</summary>
    private static byte[] Warble() =>
        Wav.Of([.. Enumerable.Range(0, 32_000).Select(i => (short)(12_000 * Math.Sin(i * 0.08) * Math.Sin(i * 0.0007)))]);
}
