using System.IO.Compression;
using System.Text;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Tests.Inventory;

public sealed class ContentSnifferTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.wav", "audio/wav", "-c:a pcm_s16le")]
    [InlineData("f.wav", "audio/wav", "-c:a pcm_f32le")]
    [InlineData("rf64.wav", "audio/wav", "-rf64 always")]
    [InlineData("a.mp3", "audio/mpeg", "-b:a 64k")]
    [InlineData("bare.mp3", "audio/mpeg", "-id3v2_version 0 -write_xing 0 -b:a 128k")]
    [InlineData("v1.mp3", "audio/mpeg", "-id3v2_version 0 -write_id3v1 1 -ar 22050 -ac 1")]
    [InlineData("a.mp2", "audio/mpeg", "-c:a mp2")]
    [InlineData("a.m4a", "audio/mp4", "-c:a aac")]
    [InlineData("a.aac", "audio/aac", "-c:a aac")]
    [InlineData("a.mp4", "video/mp4", "-c:a aac")]
    [InlineData("a.mov", "video/quicktime", "-c:a aac")]
    [InlineData("a.3gp", "video/3gpp", "-c:a aac")]
    [InlineData("a.flac", "audio/flac", "")]
    [InlineData("a.ogg", "audio/ogg", "-c:a libvorbis")]
    [InlineData("a.opus", "audio/ogg", "-c:a libopus")]
    [InlineData("a.webm", "video/webm", "-c:a libopus")]
    [InlineData("a.mkv", "video/x-matroska", "-c:a libopus")]
    [InlineData("a.wma", "audio/x-ms-wma", "-c:a wmav2")]
    [InlineData("a.aiff", "audio/aiff", "")]
    [InlineData("a.caf", "audio/x-caf", "")]
    [InlineData("a.au", "audio/basic", "")]
    [InlineData("a.avi", "video/x-msvideo", "-c:a mp3")]
    [InlineData("a.flv", "video/x-flv", "-c:a aac")]
    [InlineData("a.ts", "video/mp2t", "-c:a aac")]
    [InlineData("a.mpg", "video/mpeg", "-c:a mp2")]
    [InlineData("a.wv", "audio/x-wavpack", "")]
    public async Task Recordings_are_known_by_what_is_in_them(string name, string mediaType, string codec)
    {
        var file = folder[name];
        await Tool.FfmpegAsync(["-f", "lavfi", "-i", "sine=440:duration=2", .. codec.Split(' ', StringSplitOptions.RemoveEmptyEntries), file]);
        var bytes = await File.ReadAllBytesAsync(file);
        AssertKind(ItemKind.Audio, mediaType, bytes, "holiday.jpg");
        AssertKind(ItemKind.Audio, mediaType, bytes, "notes.txt");
    }

    [Fact]
    public async Task An_MP3_is_found_behind_a_large_cover_picture_and_behind_a_cut_frame()
    {
        var (bare, file) = (folder["bare.mp3"], folder["cover.mp3"]);
        await Tool.FfmpegAsync("-f", "lavfi", "-i", "sine=440:duration=3", "-id3v2_version", "0", "-write_xing", "0", bare);
        await Tool.FfmpegAsync(
            "-f", "lavfi", "-i", "color=red:s=1200x1200", "-f", "lavfi", "-i", "sine=440:duration=3", "-frames:v", "1", "-c:v", "bmp",
            folder["c.bmp"]);
        var frames = await File.ReadAllBytesAsync(bare);
        var picture = await File.ReadAllBytesAsync(folder["c.bmp"]);
        byte[] tag = [
            .. "ID3"u8, 3, 0, 0, (byte)(picture.Length >> 21 & 0x7F), (byte)(picture.Length >> 14 & 0x7F), (byte)(picture.Length >> 7 & 0x7F),
            (byte)(picture.Length & 0x7F)];
        await File.WriteAllBytesAsync(file, [.. tag, .. picture, .. frames]);
        AssertKind(ItemKind.Audio, "audio/mpeg", await File.ReadAllBytesAsync(file), "x");
        AssertKind(ItemKind.Audio, "audio/mpeg", frames[100..], "x");
    }

    [Fact]
    public void A_phone_memo_in_AMR_is_a_recording_and_a_script_that_begins_alike_is_text()
    {
        AssertKind(
            ItemKind.Audio, "audio/amr", [.. "#!AMR\n"u8, 0x3C, 0x91, 0x17, 0x16, 0xBE, 0x66, 0x79, 0xE1, 0xE0, 0x01, 0xE7, 0xAF, 0xF0, 0, 0, 0],
            "memo");
        AssertKind(ItemKind.Text, "text/plain", "#!AMR\nis how AMR files begin.\n"u8.ToArray(), "memo.amr");
    }

    [Theory]
    [InlineData("BM is a plan for Bitmaps, and a long enough one.")]
    [InlineData("ID3 tags are older than many think.")]
    [InlineData("GIF89a is a version, not a picture.")]
    [InlineData("RIFF\r\n\r\nWAVE files are made of chunks")]
    [InlineData("MZ was a Czech motorcycle")]
    [InlineData("OggS is a page's first word")]
    [InlineData("PK stands for Phil Katz")]
    [InlineData("%PDF-1.7 is how PDF files begin.\nNothing of one follows.")]
    [InlineData("fLaC, FORM, ftyp, moov and .snd")]
    [InlineData("MAC is an address; wvpk is not.")]
    [InlineData("SQLite format 3 is a format")]
    [InlineData("<p align=\"center\">How many documents in Markdown begin</p>\n\n# Pump")]
    [InlineData("data: the plural of datum")]
    [InlineData("-----BEGIN of the story-----\nOnce upon a time")]
    [InlineData("The tag <svg> draws.")]
    [InlineData("x")]
    [InlineData("{\"a\": 1}")]
    [InlineData("\u001b[31mred\u001b[0m and \f page breaks")]
    [InlineData("Grüße aus 東京 🗼")]
    public void Text_is_text_whatever_its_first_word_and_its_name(string text)
    {
        foreach (var name in new[] { "speech.mp3", "photo.jpg", "a.pdf", "noextension" })
        {
            AssertKind(ItemKind.Text, "text/plain", Encoding.UTF8.GetBytes(text), name);
        }
    }

    [Fact]
    public void Text_is_known_in_every_encoding()
    {
        const string Text = "Grüße, Łódź: 10 € für Café und Straße.\r\nZweite Zeile.\r\n";
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        foreach (var encoding in new[] { Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32, new UTF32Encoding(true, true) })
        {
            AssertKind(ItemKind.Text, "text/plain", [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)], "x.mp3");
        }

        AssertKind(ItemKind.Text, "text/plain", Encoding.Unicode.GetBytes(Text), "x.mp3");
        AssertKind(ItemKind.Text, "text/plain", Encoding.BigEndianUnicode.GetBytes(Text), "x.mp3");
        foreach (var codePage in new[] { 1250, 1251, 1252, 850, 437, 932, 936, 949, 950, 28591, 28605 })
        {
            AssertKind(ItemKind.Text, "text/plain", Encoding.GetEncoding(codePage).GetBytes(Text + "Привет 日本 한국"), "x.mp3");
        }
    }

    [Fact]
    public void A_character_that_the_end_of_the_head_cuts_in_two_harms_nothing()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("東京", 20_000)));
        for (var cut = 0; cut < 3; cut++) Assert.Equal(
            ItemKind.Text, ContentSniffer.Sniff(text.AsSpan(0, ContentSniffer.HeadLength - cut), "a", text.Length).Kind);
    }

    [Theory]
    [InlineData("notes.md", "text/markdown")]
    [InlineData("folder/TABLE.CSV", "text/csv")]
    [InlineData("data.json", "application/json")]
    [InlineData("page.html", "text/plain")]
    [InlineData("subtitles.srt", "application/x-subrip")]
    [InlineData("readme", "text/plain")]
    public void The_file_name_decides_the_media_type_of_a_text(string name, string mediaType) =>
        AssertKind(ItemKind.Text, mediaType, "a,b\n"u8.ToArray(), name);

    [Theory]
    [InlineData("<!DOCTYPE html><p>x", "page")]
    [InlineData("\uFEFF <!-- saved -->\n<!doctype HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">", "notes.txt")]
    [InlineData("<html><body><svg width='1'/></body></html>", "photo.jpg")]
    [InlineData("<?xml version=\"1.0\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\">", "page.xml")]
    [InlineData("<p>A fragment</p>", "page.html")]
    public void A_web_page_is_known_by_its_beginning_or_by_its_name_and_tags(string page, string name) =>
        AssertKind(ItemKind.Text, "text/html", Encoding.UTF8.GetBytes(page), name);

    [Theory]
    [InlineData(76)]
    [InlineData(64)]
    [InlineData(100_000)]
    public void Base64_is_no_text_to_read_and_is_named_by_what_is_in_it(int lineLength)
    {
        var encoded = Convert.ToBase64String(TestImage.Jpeg(3));
        var lines = string.Join("\r\n", encoded.Chunk(lineLength).Select(line => new string(line)));
        AssertEncoded(lines, "base64 of image/jpeg");
        AssertEncoded($"data:image/jpeg;base64,{encoded}", "a data URL of image/jpeg");
        AssertEncoded(lines.Replace('+', '-').Replace('/', '_') + "\n", "base64 of image/jpeg");
    }

    [Fact]
    public void A_certificate_is_no_text_to_read()
    {
        var random = new byte[900];
        new Random(1).NextBytes(random);
        var lines = string.Join('\n', Convert.ToBase64String(random).Chunk(64).Select(line => new string(line)));
        AssertEncoded($"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n", "a certificate or a key in PEM form");
    }

    [Fact]
    public void What_only_resembles_base64_is_text()
    {
        var random = new Random(1);
        string Letters(string from, int count) => new([.. Enumerable.Range(0, count).Select(_ => from[random.Next(from.Length)])]);
        string[] texts =
        [
            Letters("ACGT", 2000),
            string.Join('\n', Enumerable.Range(0, 200).Select(_ => Letters("0123456789abcdef", 64))),
            string.Join('\n', Enumerable.Range(0, 200).Select(i => $"Word{i}")),
            string.Concat(Enumerable.Repeat("ThePumpWasDelivered", 5)),
            "The picture is\n" + Convert.ToBase64String(TestImage.Jpeg(3)),
        ];
        Assert.All(texts, text => AssertKind(ItemKind.Text, "text/plain", Encoding.UTF8.GetBytes(text), "x"));
    }

    [Theory]
    [InlineData(0xFF)]
    [InlineData(0xFE)]
    [InlineData(0x00)]
    [InlineData(0xC3)]
    public void A_file_of_one_byte_again_and_again_is_no_text(int filling)
    {
        var bytes = new byte[5000];
        Array.Fill(bytes, (byte)filling);
        "a few words"u8.CopyTo(bytes.AsSpan(700));
        var content = ContentSniffer.Sniff(bytes, "dump.txt", bytes.Length);
        Assert.Equal((ItemKind.Unsupported, FailureCodes.UnknownFormat), (content.Kind, content.Unsupported?.Code));
    }

    [Theory]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")]
    [InlineData(
        "\uFEFF<?xml version=\"1.0\"?>\n<!-- a > comment -->\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"svg11.dtd\">\n<svg width='3'>")]
    [InlineData("<?xml version='1.0'?><!DOCTYPE svg [ <!ENTITY a \"b\"> ]>\n<s:svg xmlns:s='http://www.w3.org/2000/svg'>")]
    public void SVG_has_a_code_of_its_own(string svg)
    {
        foreach (var bytes in new[] { Encoding.UTF8.GetBytes(svg), [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(svg.TrimStart('\uFEFF'))] })
        {
            var content = ContentSniffer.Sniff(bytes, "drawing.png", bytes.Length);
            Assert.Equal((ItemKind.Unsupported, FailureCodes.UnsupportedSvg), (content.Kind, content.Unsupported?.Code));
        }
    }

    [Theory]
    [InlineData("%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n")]
    [InlineData("%PDF-1.7\r%\u00E2\u00E3\u00CF\u00D3\r\n1 0 obj\0\u0001\u0002")]
    [InlineData("\0\0junk before it\n%PDF-1.7\n1 0 obj")]
    public void A_PDF_is_text_of_its_own_media_type(string pdf) =>
        AssertKind(ItemKind.Text, "application/pdf", Encoding.Latin1.GetBytes(pdf), "scan.jpg");

    [Fact]
    public void An_empty_file_has_its_own_code()
    {
        var content = ContentSniffer.Sniff([], "a.jpg", 0);
        Assert.Equal((ItemKind.Unsupported, FailureCodes.EmptyFile), (content.Kind, content.Unsupported?.Code));
    }

    public static TheoryData<string, byte[]> Others { get; } = new()
    {
        { "a RAR archive", [.. "Rar!\u001A\u0007\u0001\0"u8, 0, 1, 2] },
        { "a 7-Zip archive", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4] },
        { "a gzip file", [0x1F, 0x8B, 8, 0, 0, 0] },
        { "an xz file", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0, 4] },
        { "a Zstandard file", [0x28, 0xB5, 0x2F, 0xFD, 4, 0] },
        { "a Windows program", [.. "MZ"u8, 0x90, 0, 3, 0, 0, 0, 4, 0] },
        { "a Linux program", [.. "\u007FELF"u8, 2, 1, 1, 0] },
        { "a macOS program", [0xCF, 0xFA, 0xED, 0xFE, 7, 0, 0, 1] },
        { "an Office document of the old format", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0] },
        { "a SQLite database", [.. "SQLite format 3\0"u8, 0x10, 0] },
        { "a JPEG XL image", [0xFF, 0x0A, 0xFA, 0x1F, 0, 0] },
        { "a JPEG 2000 image", [0, 0, 0, 0x0C, .. "jP  "u8, 0x0D, 0x0A, 0x87, 0x0A, 0, 0] },
        { "a Photoshop document", [.. "8BPS\0\u0001"u8, 0, 0] },
        { "a Canon raw image", [.. "II*\0\u0010\0\0\0CR\u0002\0"u8, 0, 0] },
        { "a DNG raw image", [.. "II*\0\u0008\0\0\0"u8, 1, 0, 0x12, 0xC6, 1, 0, 4, 0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0] },
        { "a MIDI file", [.. "MThd\0\0\0\u0006"u8, 0, 1, 0, 2] },
        { "an RTF document", [.. @"{\rtf1\ansi Hello}"u8] },
        { "a PostScript document", [.. "%!PS-Adobe-3.0\n%%EOF"u8] },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void A_recognised_but_unsupported_format_is_named(string what, byte[] bytes) => AssertUnknown(what, bytes);

    [Fact]
    public void Archives_and_the_documents_that_are_archives_are_told_apart()
    {
        AssertUnknown("a ZIP archive", Zip("photo.jpg"));
        AssertUnknown("a Word document", Zip("[Content_Types].xml", "word/document.xml"));
        AssertUnknown("an Excel workbook", Zip("[Content_Types].xml", "xl/workbook.xml"));
        AssertUnknown("a PowerPoint presentation", Zip("[Content_Types].xml", "ppt/presentation.xml"));
        AssertUnknown("an empty ZIP archive", Zip());
    }

    [Fact]
    public void Noise_is_an_unknown_format_and_never_a_recording_or_a_text()
    {
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var bytes = new byte[random.Next(200, ContentSniffer.HeadLength)];
            random.NextBytes(bytes);
            bytes[0] = 0xFF; // the beginning of a frame of MPEG audio, if one followed
            bytes[1] = 0xFB;
            var content = ContentSniffer.Sniff(bytes, "a.mp3", bytes.Length);
            Assert.Equal((ItemKind.Unsupported, FailureCodes.UnknownFormat), (content.Kind, content.Unsupported?.Code));
        }
    }

    [Fact]
    public void Any_beginning_of_any_file_is_sniffed_without_an_error()
    {
        foreach (object[] row in Others)
        {
            var bytes = (byte[])row[1];
            for (var length = 1; length <= bytes.Length; length++) Assert.NotNull(ContentSniffer.Sniff(bytes.AsSpan(0, length), "", length));
        }
    }

    [Fact]
    public void Bytes_after_the_first_format_do_not_count()
    {
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0];
        AssertKind(ItemKind.Image, "image/jpeg", [.. jpeg, .. Zip("evil.js")], "a.zip");
        AssertKind(ItemKind.Image, "image/jpeg", [.. jpeg, .. "<svg xmlns='x'/>"u8], "a.svg");
        AssertUnknown("a ZIP archive", [.. Zip("a.txt"), .. jpeg]);
    }

    [Theory]
    [InlineData("heic", "mif1heic", "image/heic")]
    [InlineData("mif1", "mif1heic", "image/heic")]
    [InlineData("mif1", "mif1avif", "image/avif")]
    [InlineData("avif", "mif1miaf", "image/avif")]
    [InlineData("mif1", "mif1miaf", "image/heif")]
    [InlineData("msf1", "hevcmsf1", "image/heic")]
    public void Apples_and_other_HEIF_images_are_known_by_their_brands(string major, string compatible, string mediaType) =>
        AssertKind(
            ItemKind.Image, mediaType,
            [0, 0, 0, (byte)(16 + compatible.Length), .. "ftyp"u8, .. Encoding.ASCII.GetBytes(major), 0, 0, 0, 0,
                .. Encoding.ASCII.GetBytes(compatible), 0, 0, 0, 0], "a.jpg");

    private static byte[] Zip(params string[] names)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var name in names)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write("<x/>"u8);
            }
        }

        return stream.ToArray();
    }

    private static void AssertEncoded(string text, string what)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        var content = ContentSniffer.Sniff(bytes.AsSpan(0, Math.Min(bytes.Length, ContentSniffer.HeadLength)), "notes.txt", bytes.Length);
        Assert.Equal((ItemKind.Unsupported, FailureCodes.EncodedContent), (content.Kind, content.Unsupported?.Code));
        Assert.StartsWith($"The file is {what},", content.Unsupported!.Message, StringComparison.Ordinal);
    }

    private static void AssertKind(ItemKind kind, string mediaType, byte[] file, string name)
    {
        var content = ContentSniffer.Sniff(file.AsSpan(0, Math.Min(file.Length, ContentSniffer.HeadLength)), name, file.Length);
        Assert.Equal((kind, mediaType, null), (content.Kind, content.MediaType, content.Unsupported?.Message));
    }

    private static void AssertUnknown(string what, byte[] file)
    {
        var content = ContentSniffer.Sniff(file, "a.mp3", file.Length);
        Assert.Equal((ItemKind.Unsupported, FailureCodes.UnknownFormat), (content.Kind, content.Unsupported?.Code));
        Assert.Contains($"This is {what}", content.Unsupported!.Message, StringComparison.Ordinal);
    }
}
