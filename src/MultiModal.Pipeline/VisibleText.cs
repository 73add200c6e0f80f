using System.Globalization;
using System.Text;

namespace MultiModal.Pipeline;

/// <summary>
/// Text from strangers as people, terminals and models may see it. Characters that nobody sees but that change what is seen (they turn text around,
/// as U+202E does with <c>photo_gpj.exe</c>, hide in it, or control a terminal) are written as escapes, such as <c>\u202E</c>. Names in JSON stay as
/// they are. The dashboard does the same in visible.js. Sources: Unicode TR36 and Trojan Source (CVE-2021-42574).
/// </summary>
public static class VisibleText
{
    /// <summary>Makes a name or another text of one line visible; line breaks and tabs are escaped as well.</summary>
    public static string Of(string text) => Escape(text, keepsLines: false);

    /// <summary>Makes a text of several lines visible; line breaks and tabs stay.</summary>
    public static string OfLines(string text) => Escape(text, keepsLines: true);

    /// <summary>The escape of a character.</summary>
    public static string EscapeOf(Rune character) => character.IsBmp
        ? string.Create(CultureInfo.InvariantCulture, $"\\u{character.Value:X4}")
        : string.Create(CultureInfo.InvariantCulture, $"\\u{{{character.Value:X}}}");

    /// <summary>
    /// Whether a character is written as an escape: control characters, directional marks, embeddings, overrides and isolates, line and paragraph
    /// separators, characters without width, and tags. The joiners U+200C and U+200D are not, because emoji and several scripts need them.
    /// </summary>
    public static bool IsHidden(Rune character) => character.Value is
        <= 0x1F or (>= 0x7F and <= 0x9F) or 0xAD or 0x61C or 0x180E or 0x200B or 0x200E or 0x200F or (>= 0x2028 and <= 0x202E)
            or (>= 0x2060 and <= 0x206F) or 0xFEFF or (>= 0xFFF9 and <= 0xFFFB) or (>= 0xE0000 and <= 0xE007F);

    private static string Escape(string text, bool keepsLines)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder? escaped = null;
        var from = 0;
        var at = 0;
        foreach (var character in text.EnumerateRunes())
        {
            if (IsHidden(character) && !(keepsLines && character.Value is '\n' or '\r' or '\t'))
            {
                escaped ??= new StringBuilder(text.Length + 16);
                escaped.Append(text, from, at - from).Append(EscapeOf(character));
                from = at + character.Utf16SequenceLength;
            }

            at += character.Utf16SequenceLength;
        }

        return escaped?.Append(text, from, text.Length - from).ToString() ?? text;
    }
}
