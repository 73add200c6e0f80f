using System.Text;
using System.Text.Json;
using AngleSharp.Html.Parser;

namespace MultiModal.Decoder.Html;

/// <summary>Reads the text of a web page. Nothing that the page refers to is loaded, and no script of it runs.</summary>
internal static class HtmlReader
{
    /// <param name="path">The page, in UTF-8.</param>
    /// <param name="maxCharacters">Maximum characters of text.</param>
    public static DecoderExit Run(string path, int maxCharacters)
    {
        var parser = new HtmlParser(new HtmlParserOptions { IsScripting = false });
        using var document = parser.ParseDocument(File.ReadAllText(path, Encoding.UTF8));
        var text = new PageText(maxCharacters);
        if (!text.Take(document)) return DecoderExit.TooLarge;
        using var output = Console.OpenStandardOutput();
        JsonSerializer.Serialize(output, new HtmlContent(text.ToString()), DecoderJson.Default.HtmlContent);
        return DecoderExit.Done;
    }
}

/// <summary>Text of a web page.</summary>
/// <param name="Text">The text, whose lines end with "\n"; empty if the page has none.</param>
public sealed record HtmlContent(string Text);
