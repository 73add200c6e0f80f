using System.Text;

namespace MultiModal.Pipeline.Reports;

/// <summary>Escapes foreign text for Markdown, so that it can only be read: no markup, no HTML, no links, no images.</summary>
internal static class Markdown
{
    /// <summary>Formats text on one line, for a paragraph, a heading, a list item or a table cell.</summary>
    public static string Inline(string text)
    {
        var line = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            // No character beyond the first plane is markup.
            var c = rune.IsBmp ? (char)rune.Value : '\0';
            switch (c)
            {
                case '&':
                    line.Append("&amp;");
                    break;
                case '<':
                    line.Append("&lt;");
                    break;
                case '>':
                    line.Append("&gt;");
                    break;
                case '@':
                    line.Append("&#64;");
                    break;
                case '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '~' or '$':
                    line.Append('\\').Append(c);
                    break;
                case '/' when line.Length > 0 && line[^1] == ':':
                    // GitHub makes links of "https://", "ftp://" and "www." anywhere in a text.
                    line.Length--;
                    line.Append("&#58;/");
                    break;
                case '.' when EndsWithWww(line):
                    line.Append("&#46;");
                    break;
                case var _ when Rune.IsWhiteSpace(rune):
                    if (line.Length > 0 && line[^1] != ' ') line.Append(' ');
                    break;
                case var _ when VisibleText.IsHidden(rune):
                    line.Append('\\').Append(VisibleText.EscapeOf(rune));
                    break;
                default:
                    line.Append(rune.ToString());
                    break;
            }
        }

        return Defused(line.ToString().Trim());
    }

    /// <summary>Formats lines unchanged, in a fence that no line of them closes.</summary>
    public static string Block(string text)
    {
        var shown = VisibleText.OfLines(text.ReplaceLineEndings("\n"));
        var longest = 0;
        var run = 0;
        foreach (var c in shown)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        var fence = new string('`', Math.Max(3, longest + 1));
        return $"{fence}text\n{shown.TrimEnd('\n')}\n{fence}";
    }

    /// <summary>Escapes what starts a block at the beginning of a line: headings, lists, rules, numbered items.</summary>
    private static string Defused(string line)
    {
        if (line.Length == 0) return line;
        if (line[0] is '#' or '+' or '-' or '=') return "\\" + line;
        var digits = 0;
        while (digits < line.Length && char.IsAsciiDigit(line[digits])) digits++;
        return digits > 0 && digits < line.Length && line[digits] is '.' or ')' ? line.Insert(digits, "\\") : line;
    }

    private static bool EndsWithWww(StringBuilder line) => line.Length >= 3
        && char.ToLowerInvariant(line[^1]) == 'w' && char.ToLowerInvariant(line[^2]) == 'w' && char.ToLowerInvariant(line[^3]) == 'w';
}
