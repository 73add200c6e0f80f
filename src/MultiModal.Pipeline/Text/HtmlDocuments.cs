using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using MultiModal.Decoder;
using MultiModal.Pipeline.Decoding;

namespace MultiModal.Pipeline.Text;

/// <summary>Reads the text of web pages in a separate process.</summary>
public sealed partial class HtmlDocuments(DecoderProcess decoder, IOptions<TextOptions> textOptions)
{
    /// <summary>Version of the reading, raised with every change that affects its result.</summary>
    private const int Revision = 1;

    /// <summary>A page names its encoding in its first 1,024 bytes (HTML Standard, 4.2.5.5); pages that are saved by programs take more.</summary>
    private const int CharsetWithin = 4096;

    private readonly int maxText = textOptions.Value.MaxBytes;

    /// <summary>Everything except the file that affects the result.</summary>
    internal object?[] Shape => [Revision, Libraries.Html, maxText];

    /// <param name="page">The page's bytes.</param>
    /// <param name="path">Path for a private temporary file.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The text, or <c>empty-file</c>, <c>undecodable-text</c>, <c>text-too-large</c>, <c>file-too-large</c> or
    /// <c>step-timed-out</c>.</returns>
    internal async Task<Outcome<TextContent>> ReadAsync(ReadOnlyMemory<byte> page, string path, CancellationToken cancellationToken)
    {
        var former = TextDecoder.Decode(page.Span);
        var decoded = TextDecoder.Decode(page.Span, Declared(page.Span));
        if (!decoded.Succeeded) return decoded.Failure;
        await File.WriteAllTextAsync(path, decoded.Value.Text, cancellationToken);
        var ended = await decoder.RunAsync(["html", path, maxText.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        if (!ended.Succeeded) return ended.Failure;
        switch (ended.Value.Exit)
        {
            case DecoderExit.Done:
                break;
            case DecoderExit.TooLarge:
                return TooLarge();
            case DecoderExit.OutOfMemory:
                return new Failure(FailureCodes.FileTooLarge, decoder.TooMuchMemory("web page"));
            default:
                return new Failure(
                    FailureCodes.UndecodableText, "The web page could not be read. Open it in a browser, and save its text or a PDF of it.");
        }

        var text = JsonSerializer.Deserialize(ended.Value.Output.Span, DecoderJson.Default.HtmlContent)!.Text;
        if (Encoding.UTF8.GetByteCount(text) > maxText) return TooLarge();
        return text.Length == 0
            ? new Failure(
                FailureCodes.EmptyFile,
                "The web page has no text: its content may be loaded by scripts. Open it in a browser, and save a PDF of it.")
            : decoded.Value with { Text = text, Former = former.Succeeded ? former.Value.Text : null };
    }

    private Failure TooLarge() => new(FailureCodes.TextTooLarge, string.Create(
        CultureInfo.InvariantCulture, $"The text of the web page is larger than {maxText:N0} bytes (Text:MaxBytes). Split it, or raise the limit."));

    /// <summary>Finds the encoding that the page names; null if it names none.</summary>
    private static Encoding? Declared(ReadOnlySpan<byte> page)
    {
        var found = Charset().Match(Encoding.Latin1.GetString(page[..Math.Min(page.Length, CharsetWithin)]));
        return found.Success ? TextDecoder.Named(found.Groups["name"].Value) : null;
    }

    [GeneratedRegex(
        """(?:<meta\s[^>]*charset\s*=\s*["']?\s*|<\?xml\s[^>]*encoding\s*=\s*["'])(?<name>[A-Za-z0-9_:.-]+)""",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Charset();
}
