using System.Globalization;
using System.Text;
using UtfUnknown;

namespace MultiModal.Pipeline.Text;

/// <summary>
/// Converts bytes to text: by byte order mark, otherwise as UTF-16 if the zeros are where UTF-16 puts them, otherwise as UTF-8 if that is
/// valid, otherwise in the legacy encoding that the bytes resemble most. The result has line ends "\n" and no control characters except
/// tabs.
/// </summary>
public static class TextDecoder
{
    // One replaced or control character in fifty is a damaged text; with more, the file is not a text despite its name.
    private const int TolerableShare = 50;

    private const int SniffedBytes = 4096;
    private const float SureEnough = 0.5f;

    private static readonly (byte[] Mark, Encoding Encoding)[] Marks =
    [
        ([0xEF, 0xBB, 0xBF], new UTF8Encoding(false)),
        ([0xFF, 0xFE, 0x00, 0x00], new UTF32Encoding(bigEndian: false, byteOrderMark: false)),
        ([0x00, 0x00, 0xFE, 0xFF], new UTF32Encoding(bigEndian: true, byteOrderMark: false)),
        ([0xFF, 0xFE], new UnicodeEncoding(bigEndian: false, byteOrderMark: false)),
        ([0xFE, 0xFF], new UnicodeEncoding(bigEndian: true, byteOrderMark: false)),
    ];

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    static TextDecoder() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Decodes a stream, of which it reads at most <see cref="TextOptions.MaxBytes"/> and one more byte.</summary>
    /// <returns>The text, or <c>text-too-large</c>, <c>empty-file</c> or <c>undecodable-text</c>.</returns>
    public static async Task<Outcome<TextContent>> DecodeAsync(Stream content, TextOptions options, CancellationToken cancellationToken)
    {
        var bytes = await ReadAsync(content, options, cancellationToken);
        return bytes.Succeeded ? Decode(bytes.Value.Span) : bytes.Failure;
    }

    /// <summary>Reads a stream whole, but at most <see cref="TextOptions.MaxBytes"/> and one more byte.</summary>
    /// <returns>The bytes, or <c>text-too-large</c>.</returns>
    internal static async Task<Outcome<ReadOnlyMemory<byte>>> ReadAsync(Stream content, TextOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(options);
        using var read = new MemoryStream();
        var buffer = new byte[81920];
        while (read.Length <= options.MaxBytes)
        {
            var wanted = (int)Math.Min(buffer.Length, options.MaxBytes + 1L - read.Length);
            var got = await content.ReadAsync(buffer.AsMemory(0, wanted), cancellationToken);
            if (got == 0) return new ReadOnlyMemory<byte>(read.GetBuffer(), 0, (int)read.Length);
            read.Write(buffer, 0, got);
        }

        return new Failure(FailureCodes.TextTooLarge, string.Create(CultureInfo.InvariantCulture,
            $"The text is larger than {options.MaxBytes:N0} bytes (Text:MaxBytes). Split it, or raise the limit."));
    }

    /// <param name="bytes">The bytes.</param>
    /// <param name="declared">Encoding that the text itself names; it is believed unless the bytes show that it is wrong.</param>
    /// <returns>The text, or <c>empty-file</c> or <c>undecodable-text</c>.</returns>
    public static Outcome<TextContent> Decode(ReadOnlySpan<byte> bytes, Encoding? declared = null)
    {
        if (bytes.IsEmpty) return new Failure(FailureCodes.EmptyFile, "The file is empty. It may not have been uploaded completely. Drop it again.");
        var (encoding, text, guessed) = Read(bytes, declared);
        var cleaned = new StringBuilder(text.Length);
        var damaged = Clean(text, cleaned);
        if ((long)damaged * TolerableShare > text.Length)
        {
            return new Failure(
                FailureCodes.UndecodableText,
                "The file has the name or look of a text, but its bytes are not text in any known encoding. Save it as UTF-8.");
        }

        var result = cleaned.ToString();
        if (string.IsNullOrWhiteSpace(
            result)) return new Failure(FailureCodes.EmptyFile, "The file contains only white space, so that there is nothing to read.");
        return new TextContent(result, encoding.WebName, Note(encoding, guessed, damaged));
    }

    private static (Encoding Encoding, string Text, bool Guessed) Read(ReadOnlySpan<byte> bytes, Encoding? declared)
    {
        foreach (var (mark, marked) in Marks)
        {
            if (bytes.StartsWith(mark)) return (marked, marked.GetString(bytes[mark.Length..]), false);
        }

        if (Utf16WithoutMark(bytes) is { } utf16) return (utf16, utf16.GetString(bytes), false);
        try
        {
            return (Encoding.UTF8, StrictUtf8.GetString(bytes), false);
        }
        catch (DecoderFallbackException)
        {
            if (declared is not null and not UTF8Encoding) return (declared, declared.GetString(bytes), false);
            return IsDamagedUtf8(bytes, out var text) ? (Encoding.UTF8, text, false) : ReadLegacy(bytes);
        }
    }

    /// <summary>
    /// Detects UTF-16 without a mark. It is full of ASCII (at least spaces and line ends), each with a zero on one side; UTF-8 has no
    /// zeros.
    /// </summary>
    private static UnicodeEncoding? Utf16WithoutMark(ReadOnlySpan<byte> bytes)
    {
        var sniffed = bytes[..(Math.Min(bytes.Length, SniffedBytes) & ~1)];
        var zeros = (Even: 0, Odd: 0);
        for (var i = 0; i < sniffed.Length; i += 2)
        {
            if (sniffed[i] == 0) zeros.Even++;
            if (sniffed[i + 1] == 0) zeros.Odd++;
        }

        var many = Math.Max(1, sniffed.Length / 20);
        return zeros switch
        {
            (0, var odd) when odd >= many => new UnicodeEncoding(bigEndian: false, byteOrderMark: false),
            (var even, 0) when even >= many => new UnicodeEncoding(bigEndian: true, byteOrderMark: false),
            _ => null,
        };
    }

    /// <summary>
    /// Whether the bytes are damaged UTF-8: a file that was cut or has a few bad bytes still has many more good sequences than bad ones.
    /// </summary>
    private static bool IsDamagedUtf8(ReadOnlySpan<byte> bytes, out string text)
    {
        text = Encoding.UTF8.GetString(bytes);
        var (good, bad) = (0, 0);
        foreach (var c in text)
        {
            if (c == '\uFFFD') bad++;
            else if (!char.IsAscii(c)) good++;
        }

        return good >= bad * 4;
    }

    private static (Encoding Encoding, string Text, bool Guessed) ReadLegacy(ReadOnlySpan<byte> bytes)
    {
        var candidates = CharsetDetector.DetectFromBytes(bytes.ToArray()).Details ?? [];
        foreach (var candidate in candidates.Where(c => c.Encoding is not null && c.Confidence >= SureEnough))
        {
            var encoding = AsUsed(candidate.Encoding);
            var text = encoding.GetString(bytes);
            if (!text.Contains('\uFFFD', StringComparison.Ordinal)) return (encoding, text, true);
        }

        return (Windows1252, Windows1252.GetString(bytes), true);
    }

    /// <summary>Finds an encoding by its name in a web page; null if the name is unknown.</summary>
    internal static Encoding? Named(string label)
    {
        try
        {
            return AsUsed(Encoding.GetEncoding(label));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Text labelled ISO 8859-1 or ASCII is Windows-1252 in practice (WHATWG Encoding Standard, "latin1" label).</summary>
    private static Encoding AsUsed(Encoding encoding) => encoding.CodePage is 28591 or 20127 ? Windows1252 : encoding;

    private static Encoding Windows1252 => Encoding.GetEncoding(1252);

    /// <returns>The number of characters that were replaced or dropped.</returns>
    private static int Clean(string text, StringBuilder cleaned)
    {
        var damaged = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '\r':
                    cleaned.Append('\n');
                    if (i + 1 < text.Length && text[i + 1] == '\n') i++;
                    break;
                case '\n' or '\f' or '\v' or '\u0085' or '\u2028' or '\u2029':
                    cleaned.Append('\n');
                    break;
                case '\t':
                    cleaned.Append(c);
                    break;
                case '\uFEFF' or '\u001A':
                    // Byte order marks inside the text and the end-of-file mark of CP/M and DOS carry no content.
                    break;
                case '\uFFFD':
                    damaged++;
                    cleaned.Append(c);
                    break;
                case var _ when char.IsControl(c):
                    damaged++;
                    break;
                default:
                    cleaned.Append(c);
                    break;
            }
        }

        return damaged;
    }

    private static string? Note(Encoding encoding, bool guessed, int damaged)
    {
        var notes = new List<string>(2);
        if (guessed) notes.Add($"The encoding is not stated in the file; it was read as {encoding.WebName}.");
        if (damaged > 0) notes.Add(
            string.Create(CultureInfo.InvariantCulture, $"{damaged} {(damaged == 1 ? "character" : "characters")} could not be read."));
        return notes.Count == 0 ? null : string.Join(' ', notes);
    }
}
