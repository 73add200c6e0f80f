using System.Text;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Tokens;

namespace MultiModal.Decoder.Pdf;

/// <summary>
/// Objects of a PDF as they are stored, leniently: a member that is missing, of another type or refers to nothing is null.
/// </summary>
internal sealed class PdfObjects(PdfDocument document)
{
    /// <summary>References that refer to references are damage, and might go in a circle.</summary>
    private const int MostReferences = 8;

    /// <summary>Characters of PDFDocEncoding that differ from Latin-1 (ISO 32000-1, annex D.3): from 0x18, from 0x80, and 0xA0.</summary>
    private const string FromHex18 = "\u02D8\u02C7\u02C6\u02D9\u02DD\u02DB\u02DA\u02DC";
    private const string FromHex80 =
        "\u2022\u2020\u2021\u2026\u2014\u2013\u0192\u2044\u2039\u203A\u2212\u2030\u201E\u201C\u201D\u2018\u2019\u201A\u2122\uFB01\uFB02"
        + "\u0141\u0152\u0160\u0178\u017D\u0131\u0142\u0153\u0161\u017E\uFFFD\u20AC";

    public DictionaryToken Catalog => document.Structure.Catalog.CatalogDictionary;

    public IToken? Member(DictionaryToken owner, string name) =>
        owner.TryGet(NameToken.Create(name), out var token) ? Resolve(token) : null;

    public DictionaryToken? Dictionary(DictionaryToken owner, string name) => Member(owner, name) as DictionaryToken;

    public string? Name(DictionaryToken owner, string name) => (Member(owner, name) as NameToken)?.Data;

    public int Number(DictionaryToken owner, string name) => Member(owner, name) is NumericToken number ? number.Int : 0;

    /// <summary>Elements of an array; the one value itself if there is no array, and nothing if there is no value.</summary>
    public IEnumerable<IToken> Elements(IToken? token) => token switch
    {
        null => [],
        ArrayToken array => array.Data.Select(Resolve).OfType<IToken>(),
        _ => [token],
    };

    public IToken? Resolve(IToken? token)
    {
        for (var hops = 0; token is IndirectReferenceToken reference; hops++)
        {
            if (hops == MostReferences) return null;
            token = document.Structure.GetObject(reference.Data)?.Data;
        }

        return token is ObjectToken inner ? inner.Data : token;
    }

    /// <returns>The decoded bytes of a stream; empty if the token is none.</returns>
    public ReadOnlyMemory<byte> Bytes(IToken? token) => token is StreamToken stream
        ? stream.Decode(document.Structure.FilterProvider, document.Structure.TokenScanner)
        : default;

    /// <summary>
    /// Reads a text string: with a byte order mark, UTF-16 or UTF-8, otherwise PDFDocEncoding (ISO 32000-2, 7.9.2.2). Long texts may be streams.
    /// </summary>
    /// <returns>The text with line ends "\n", without white space around it; null if it is empty or no text.</returns>
    public string? Text(IToken? token)
    {
        var text = Resolve(token) switch
        {
            StringToken literal => Decode(literal.GetBytes()),
            HexToken hex => Decode(hex.Bytes.ToArray()),
            StreamToken stream => Decode(Bytes(stream).Span),
            _ => "",
        };
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\0", "", StringComparison.Ordinal).Trim();
        return text.Length == 0 ? null : text;
    }

    private static string Decode(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFE, 0xFF, .. var rest] => Encoding.BigEndianUnicode.GetString(rest),
        [0xFF, 0xFE, .. var rest] => Encoding.Unicode.GetString(rest),
        [0xEF, 0xBB, 0xBF, .. var rest] => Encoding.UTF8.GetString(rest),
        _ => string.Create(bytes.Length, bytes.ToArray(), static (text, encoded) =>
        {
            for (var i = 0; i < encoded.Length; i++) text[i] = Character(encoded[i]);
        }),
    };

    private static char Character(byte value) => value switch
    {
        >= 0x18 and < 0x20 => FromHex18[value - 0x18],
        >= 0x80 and <= 0xA0 => FromHex80[value - 0x80],
        _ => (char)value,
    };
}
