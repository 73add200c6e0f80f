using System.Text.RegularExpressions;

namespace MultiModal.Pipeline.Content;

/// <summary>Recognises PDF, SVG, and the formats that are only recognised in order to be named.</summary>
internal static partial class DocumentSignatures
{
    /// <summary>Readers look for a PDF's header in the first 1,024 bytes (PDF Reference 1.7, appendix H, note 13).</summary>
    private const int PdfHeaderWithin = 1024;

    /// <summary>A PDF may be all text, and a text may mention PDF: in that case only the header with an object after it counts.</summary>
    public static bool IsPdf(ReadOnlySpan<byte> head, bool isText)
    {
        var start = head[..Math.Min(head.Length, PdfHeaderWithin)].IndexOf("%PDF-"u8);
        if (start < 0 || !head.HasAt(start + 6, "."u8) || !char.IsAsciiDigit((char)head[start + 5])) return false;
        return !isText || (start == 0 && head.Length > 8 && head[8] is (byte)'\r' or (byte)'\n' && head.IndexOf(" obj"u8) > 0);
    }

    public static bool IsSvg(string text) => SvgStart().IsMatch(text);

    /// <summary>
    /// Whether the text begins as a web page does, after any XML declaration and comments. Markdown begins with other tags at times, and is none.
    /// </summary>
    public static bool IsHtml(string text) => HtmlStart().IsMatch(text);

    public static bool HasTag(string text) => Tag().IsMatch(text);

    /// <summary>Text-based formats that are not meant for reading.</summary>
    public static string? TextualName(string text) =>
        text.StartsWith(@"{\rtf1", StringComparison.Ordinal) ? "an RTF document"
        : text.StartsWith("%!PS-Adobe-", StringComparison.Ordinal) ? "a PostScript document"
        : null;

    public static string? BinaryName(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PK\u0003\u0004"u8)) return Zip(head);
        if (head.StartsWith("PK\u0005\u0006"u8)) return "an empty ZIP archive";
        if (head.StartsWith("Rar!\u001A\u0007"u8)) return "a RAR archive";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C])) return "a 7-Zip archive";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) return "a gzip file";
        if (head.StartsWith("BZh"u8) && head.HasAt(4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59])) return "a bzip2 file";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00])) return "an xz file";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])) return "a Zstandard file";
        if (head.HasAt(257, "ustar"u8)) return "a TAR archive";
        if (head.StartsWith("MSCF\0\0\0\0"u8)) return "a Windows cabinet";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1])) return "an Office document of the old format";
        if (head.StartsWith("MZ"u8)) return "a Windows program";
        if (head.StartsWith("\u007FELF"u8)) return "a Linux program";
        if (IsMachO(head)) return "a macOS program";
        if (head.StartsWith("\0asm"u8)) return "a WebAssembly module";
        if (head.StartsWith("SQLite format 3\0"u8)) return "a SQLite database";
        if (head.StartsWith("8BPS\0"u8)) return "a Photoshop document";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x00, 0x00, 0x01, 0x00])) return "a Windows icon";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || head.HasAt(4, "JXL "u8)) return "a JPEG XL image";
        if (head.HasAt(4, "jP  "u8) || head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51])) return "a JPEG 2000 image";
        if (head.StartsWith("MThd\0\0\0\u0006"u8)) return "a MIDI file, which holds notes and no sound";
        return null;
    }

    private static string Zip(ReadOnlySpan<byte> head)
    {
        if (head.HasAt(30, "mimetypeapplication/vnd.oasis.opendocument"u8)) return "an OpenDocument file";
        if (head.HasAt(30, "mimetypeapplication/epub+zip"u8)) return "an EPUB book";
        if (head.IndexOf("[Content_Types].xml"u8) < 0) return "a ZIP archive";
        return head.IndexOf("word/"u8) >= 0 ? "a Word document"
            : head.IndexOf("ppt/"u8) >= 0 ? "a PowerPoint presentation"
            : head.IndexOf("xl/"u8) >= 0 ? "an Excel workbook"
            : "an Office document";
    }

    private static bool IsMachO(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0xCF, 0xFA, 0xED, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xCE, 0xFA, 0xED, 0xFE])
        || head.StartsWith((ReadOnlySpan<byte>)[0xCA, 0xFE, 0xBA, 0xBE, 0x00, 0x00, 0x00]);

    [GeneratedRegex(
        """\A\uFEFF?(?:\s|<\?.*?\?>|<!--.*?-->)*<(?:!DOCTYPE\s+html\b|html[\s>])""",
        RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex HtmlStart();

    [GeneratedRegex("<[A-Za-z!/]", RegexOptions.NonBacktracking)]
    private static partial Regex Tag();

    /// <summary>Whether the first element is svg, after any XML declaration, processing instructions, comments and document type.</summary>
    [GeneratedRegex(
        """\A(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*<(?:[A-Za-z_][\w.-]*:)?svg[\s/>]""",
        RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex SvgStart();
}
