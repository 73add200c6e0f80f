using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AzureOpenAISimulator.Media;

namespace AzureOpenAISimulator.Content;

/// <summary>What a prompt is about, in words that a test can foresee: of images their size and hash, of text its names and first words.</summary>
public sealed partial class PromptDigest
{
    private const int MaxOutlineLines = 50;
    private const int WordsPerLine = 8;
    private static readonly string[] NameProperties = ["name", "title", "file"];
    private static readonly string[] TextProperties = ["text", "summary", "content", "transcript", "description"];

    private readonly IReadOnlyList<ReceivedMedia> _images;
    private readonly IReadOnlyList<KnownContent> _known;
    private readonly IReadOnlyList<string> _userTexts;
    private readonly string _more;

    private PromptDigest(PromptDigest digest, string more)
    {
        (_images, _known, _userTexts, Outline) = (digest._images, digest._known, digest._userTexts, digest.Outline);
        _more = more;
    }

    public PromptDigest(IReadOnlyList<string> userTexts, IReadOnlyList<ReceivedMedia> images, IReadOnlyList<KnownContent> known)
    {
        _userTexts = userTexts;
        _images = images;
        _known = known;
        _more = "";
        Outline = [.. userTexts.SelectMany(OutlineOf).Take(MaxOutlineLines)];
    }

    /// <summary>A line for each input found: "name: first words", or the first words of a line of text.</summary>
    public IReadOnlyList<string> Outline { get; }

    public bool HasImages => _images.Count > 0;

    public string Title => HasImages
        ? string.Create(CultureInfo.InvariantCulture, $"Image {_images[0].ContentHash[..8]}")
        : Shortened(Outline.Count == 0 ? "Nothing" : Outline[0], 80);

    /// <summary>"An image of 640x480, sha256 …" for each image, else a summary that names every input.</summary>
    public string Description => HasImages
        ? string.Join(
            "; ",
            _images.Select(
                image => string.Create(CultureInfo.InvariantCulture, $"An image of {image.Width}x{image.Height}, sha256 {image.ContentHash}")))
        : Shortened($"Summary of {Outline.Count.ToString(CultureInfo.InvariantCulture)} inputs. {string.Join("; ", Outline)}", 4000) + _more;

    public string VisibleText => _known.Select(known => known.Text).FirstOrDefault(text => text is not null) is { } text
        ? text + _more
        : HasImages ? $"text in {_images[0].ContentHash[..8]}{_more}"
        : Description;

    public IReadOnlyList<string> Keywords => HasImages
        ? ["image", _images[0].Format, _images[0].ContentHash[..8]]
        : [.. _userTexts.SelectMany(text => Word().Matches(text).Select(match => match.Value.ToLowerInvariant())).Distinct().Take(5)];

    /// <returns>The same, of which there is more to say: the visible text of images, else the summary, is so many tokens longer.</returns>
    public PromptDigest DrawnOut(int tokens)
    {
        const string sentence = " And there is more to read.";
        var more = new StringBuilder();
        while (more.Length < tokens * 4) more.Append(sentence);
        return new(this, more.ToString(0, tokens * 4));
    }

    /// <summary>What the test has said about this content, by property name; null if nothing.</summary>
    public JsonNode? Scripted(string property) =>
        _known.Select(known => known.Properties?[property]).FirstOrDefault(value => value is not null)?.DeepClone();

    private static IEnumerable<string> OutlineOf(string text)
    {
        // Named inputs, in the whole or in lines of their own, are what the prompt is about; lines around them only lead to them.
        var lines = text.Split('\n');
        var named = Named(Parsed(text)) is { Count: > 0 } whole ? whole : [.. lines.SelectMany(line => Named(Parsed(line.Trim())))];
        return named.Count > 0 ? named : lines.SelectMany(OutlineOfLine);
    }

    private static IEnumerable<string> OutlineOfLine(string line)
    {
        var tag = NameAttribute().Match(line);
        if (tag.Success) return [$"{tag.Groups[1].Value}: {FirstWords(Tag().Replace(line, " "))}".TrimEnd(' ', ':')];
        var words = FirstWords(line);
        return words.Length == 0 ? [] : [words];
    }

    private static JsonNode? Parsed(string text)
    {
        if (!text.StartsWith('{') && !text.StartsWith('[')) return null;
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<string> Named(JsonNode? node) => node switch
    {
        JsonArray array => [.. array.SelectMany(Named)],
        JsonObject record
            when First(record, NameProperties) is { } name
            && First(record, TextProperties) is { } text => [$"{name}: {FirstWords(text)}"],
        JsonObject record => [.. record.SelectMany(property => Named(property.Value))],
        _ => [],
    };

    private static string? First(JsonObject record, string[] names) =>
        names.Select(name => record[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null)
            .FirstOrDefault(text => text is not null);

    private static string FirstWords(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(WordsPerLine));

    private static string Shortened(string text, int length) => text.Length <= length ? text : text[..length];

    [GeneratedRegex("""\bname\s*=\s*"([^"]*)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex NameAttribute();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\p{L}{5,}")]
    private static partial Regex Word();
}
