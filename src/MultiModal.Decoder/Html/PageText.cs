using System.Globalization;
using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace MultiModal.Decoder.Html;

/// <summary>
/// Collects the text of a page as a reader sees it: blocks on lines of their own, headings and lists marked as in Markdown, the cells of a table
/// between bars, and the alternative texts of pictures. Elements are visited without recursion, because pages nest as deep as they like.
/// </summary>
internal sealed class PageText(int maxCharacters)
{
    /// <summary>Elements whose content is not shown, or is shown by other means than text.</summary>
    private static readonly HashSet<string> Silent = new(StringComparer.Ordinal)
    {
        "script", "style", "template", "noscript", "iframe", "object", "embed", "audio", "video", "canvas", "head", "datalist", "noframes", "noembed",
    };

    private static readonly HashSet<string> Blocks = new(StringComparer.Ordinal)
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main",
        "menu", "nav", "ol", "option", "p", "pre", "search", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    };

    /// <summary>Blocks that stand apart from their neighbours by an empty line.</summary>
    private static readonly HashSet<string> Apart = new(StringComparer.Ordinal)
    {
        "blockquote", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul",
    };

    private readonly StringBuilder text = new();
    private readonly Dictionary<IElement, int> numbers = [];
    private int lineBreaks = int.MaxValue;
    private int items;
    private bool space;
    private int preformatted;

    /// <returns>False if the text has become longer than allowed.</returns>
    public bool Take(IDocument document)
    {
        var title = Collapsed(document.Title);
        if (title.Length > 0 && document.QuerySelectorAll("h1").All(heading => Collapsed(heading.TextContent) != title))
        {
            Write($"# {title}");
            Break(2);
        }

        // An element is entered, and left when all of its children were visited.
        var open = new Stack<(INode Node, bool Leaves)>();
        if (document.Body is { } body) open.Push((body, false));
        while (open.TryPop(out var visit))
        {
            if (text.Length > maxCharacters) return false;
            if (visit.Node is IText words) Write(words.Data, preformatted > 0);
            if (visit.Node is not IElement element) continue;
            if (visit.Leaves)
            {
                Leave(element);
                continue;
            }

            if (!IsShown(element)) continue;
            Enter(element);
            open.Push((element, true));
            for (var child = element.LastChild; child is not null; child = child.PreviousSibling) open.Push((child, false));
        }

        return text.Length <= maxCharacters;
    }

    public override string ToString() => text.ToString().TrimEnd();

    /// <summary>What a style sheet hides is not known, because none is read.</summary>
    private static bool IsShown(IElement element)
    {
        if (Silent.Contains(element.LocalName) || element.HasAttribute("hidden")) return false;
        if (element is IHtmlInputElement { Type: "hidden" or "password" }) return false;
        var style = element.GetAttribute("style")?.Replace(" ", "", StringComparison.Ordinal) ?? "";
        return !style.Contains("display:none", StringComparison.OrdinalIgnoreCase)
            && !style.Contains("visibility:hidden", StringComparison.OrdinalIgnoreCase);
    }

    private void Enter(IElement element)
    {
        switch (element.LocalName)
        {
            case "br":
                Break(1, lines: true);
                return;
            case "img" or "area" when Collapsed(element.GetAttribute("alt")) is { Length: > 0 } alternative:
                Write($"[{alternative}]");
                return;
            case "input" when Value(element) is { Length: > 0 } value:
                Write($" {value} ");
                return;
            case "td" or "th" when element.PreviousElementSibling is not null:
                Write(" | ");
                return;
            case "pre" or "textarea":
                StartBlock(element);
                preformatted++;
                return;
            case ['h', >= '1' and <= '6' and var level]:
                StartBlock(element);
                Write(new string('#', level - '0') + " ");
                return;
            case "li":
                StartBlock(element);
                Write(Marker(element));
                items++;
                return;
            default:
                if (Blocks.Contains(element.LocalName)) StartBlock(element);
                return;
        }
    }

    private void Leave(IElement element)
    {
        if (element.LocalName is "pre" or "textarea") preformatted--;
        if (element.LocalName is "li") items--;
        if (Blocks.Contains(element.LocalName)) StartBlock(element);
    }

    private void StartBlock(IElement element) => Break(Apart.Contains(element.LocalName) && items == 0 ? 2 : 1);

    private string Marker(IElement item)
    {
        if (item.ParentElement is not IHtmlOrderedListElement list) return "- ";
        var number = numbers[list] = numbers.TryGetValue(list, out var last) ? last + 1 : list.Start;
        return string.Create(CultureInfo.InvariantCulture, $"{number}. ");
    }

    /// <summary>What a form's field shows; ticks and files are no text.</summary>
    private static string? Value(IElement input) => input is IHtmlInputElement { Type: not ("checkbox" or "radio" or "file" or "image") } field
        ? Collapsed(field.Value)
        : null;

    private void Break(int count, bool lines = false)
    {
        space = false;
        if (text.Length == 0) return;
        while (lines ? count-- > 0 : lineBreaks < count)
        {
            text.Append('\n');
            lineBreaks++;
        }
    }

    private void Write(string words, bool asIs = false)
    {
        foreach (var c in words)
        {
            if (asIs && c == '\n')
            {
                Break(1, lines: true);
            }
            else if (char.IsWhiteSpace(c) && !asIs)
            {
                space = lineBreaks == 0;
            }
            else if (c is not ('\u00AD' or '\u200B' or '\uFEFF'))
            {
                if (space) text.Append(' ');
                text.Append(c == '\u00A0' ? ' ' : c);
                (space, lineBreaks) = (false, 0);
            }
        }
    }

    private static string Collapsed(string? text) =>
        string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
