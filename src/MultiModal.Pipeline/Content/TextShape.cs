using System.Text;

namespace MultiModal.Pipeline.Content;

/// <summary>Distinguishes text from binary data, and reads the beginning of a text.</summary>
internal static class TextShape
{
    /// <summary>Media type of web pages.</summary>
    public const string Html = "text/html";

    /// <summary>Valid UTF-8 is hardly ever a coincidence, so a single control character (a page break, a terminal colour) is allowed.</summary>
    private const double ControlsInUnicode = 0.02;

    /// <summary>Fewer bytes may be one letter again and again.</summary>
    private const int LeastFilling = 8;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding StrictUtf16 = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding StrictUtf16BigEndian = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UTF32Encoding StrictUtf32 = new(bigEndian: false, byteOrderMark: false, throwOnInvalidCharacters: true);
    private static readonly UTF32Encoding StrictUtf32BigEndian = new(bigEndian: true, byteOrderMark: false, throwOnInvalidCharacters: true);

    /// <summary>
    /// The beginning as text, or null for what is not text: UTF-8, UTF-16 and UTF-32 with a byte order mark, UTF-8 and UTF-16
    /// without one. Anything else without a NUL or another control character is taken for an 8-bit encoding and read as Latin-1,
    /// which is enough to look at its markup (the step that reads texts detects the encoding itself).
    /// </summary>
    public static string? Decode(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) return Decode(head[3..], StrictUtf8, 1);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0x00, 0x00])) return Decode(head[4..], StrictUtf32, 4);
        if (head.StartsWith((ReadOnlySpan<byte>)[0x00, 0x00, 0xFE, 0xFF])) return Decode(head[4..], StrictUtf32BigEndian, 4);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])) return Decode(head[2..], StrictUtf16, 2);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])) return Decode(head[2..], StrictUtf16BigEndian, 2);
        if (head.Contains((byte)0)) return Utf16WithoutMark(head);
        return Decode(head, StrictUtf8, 1)
            ?? (head.ContainsAnyInRange((byte)0x80, (byte)0xFF) && !HasControls(head) && !IsFilling(head) ? Encoding.Latin1.GetString(head) : null);
    }

    /// <summary>
    /// The media type of a text. Text is text whatever its name; the name only shows which kind. A web page is one under any name, and a file without
    /// any tag is none.
    /// </summary>
    public static string MediaType(string name, string text) => Path.GetExtension(name).ToUpperInvariant() switch
    {
        _ when DocumentSignatures.IsHtml(text) => Html,
        ".MD" or ".MARKDOWN" => "text/markdown",
        ".CSV" => "text/csv",
        ".JSON" => "application/json",
        ".HTM" or ".HTML" or ".XHTML" when DocumentSignatures.HasTag(text) => Html,
        ".XML" => "application/xml",
        ".VTT" => "text/vtt",
        ".SRT" => "application/x-subrip",
        _ => "text/plain",
    };

    private static string? Decode(ReadOnlySpan<byte> bytes, Encoding strict, int unit)
    {
        try
        {
            // A decoder keeps what the end of the head has cut off; only the broken end of a whole file is lost.
            var characters = new char[strict.GetMaxCharCount(bytes.Length)];
            var length = strict.GetDecoder().GetChars(bytes[..(bytes.Length - (bytes.Length % unit))], characters, flush: false);
            var controls = characters.AsSpan(0, length).Count('\0') > 0 ? length : CountControls(characters.AsSpan(0, length));
            return controls <= length * ControlsInUnicode ? new string(characters, 0, length) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Without a mark, UTF-16 is recognised only by the zero halves of ASCII characters: at least a tenth must be zero.</summary>
    private static string? Utf16WithoutMark(ReadOnlySpan<byte> head)
    {
        if (head.Length < 4) return null;
        int evenZeros = 0, oddZeros = 0;
        for (var i = 0; i + 1 < head.Length; i += 2)
        {
            if (head[i] == 0) evenZeros++;
            if (head[i + 1] == 0) oddZeros++;
        }

        var least = head.Length / 20;
        return (evenZeros, oddZeros) switch
        {
            (0, > 0) when oddZeros >= least => Decode(head, StrictUtf16, 2),
            ( > 0, 0) when evenZeros >= least => Decode(head, StrictUtf16BigEndian, 2),
            _ => null,
        };
    }

    /// <summary>
    /// Whether one byte above ASCII makes up most of the file, as in erased memory (0xFF). No letter does that, in no encoding.
    /// </summary>
    private static bool IsFilling(ReadOnlySpan<byte> text)
    {
        if (text.Length < LeastFilling) return false;
        Span<int> counts = stackalloc int[256];
        foreach (var b in text) counts[b]++;
        return counts[0x80..].ContainsAnyInRange((text.Length / 2) + 1, int.MaxValue);
    }

    private static int CountControls(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
        {
            if (c == 0x7F || (c < ' ' && !IsLayout(c))) count++;
        }

        return count;
    }

    private static bool HasControls(ReadOnlySpan<byte> text)
    {
        foreach (var b in text)
        {
            if (b == 0x7F || (b < ' ' && !IsLayout((char)b))) return true;
        }

        return false;
    }

    /// <summary>
    /// Whether the character is allowed: tab, line feed, page break, carriage return, the DOS end of file, or the escape of terminal colours.
    /// </summary>
    private static bool IsLayout(char c) => c is '\t' or '\n' or '\f' or '\r' or '\u001A' or '\u001B';
}
