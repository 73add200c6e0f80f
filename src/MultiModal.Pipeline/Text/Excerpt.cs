using System.Text;

namespace MultiModal.Pipeline.Text;

/// <summary>Returns the beginning of a text, with an ellipsis if there was more; characters are never split.</summary>
public static class Excerpt
{
    private const string Ellipsis = "…";

    /// <param name="text">Any text.</param>
    /// <param name="longest">Maximum characters (UTF-16), including the ellipsis; 2 or more.</param>
    public static string Shorten(string text, int longest)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= longest ? text : Cut(text, longest - 1);
    }

    /// <param name="text">Any text.</param>
    /// <param name="longest">Maximum bytes in UTF-8, including the ellipsis; 4 or more.</param>
    public static string OfBytes(string text, int longest)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= longest / 3 || Encoding.UTF8.GetByteCount(text) <= longest) return text;
        var bytes = Encoding.UTF8.GetByteCount(Ellipsis);
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > longest) break;
            end += rune.Utf16SequenceLength;
        }

        return Cut(text, end);
    }

    /// <summary>Cuts at the end of the last word, if there is one near.</summary>
    private static string Cut(string text, int end)
    {
        if (end > 0 && char.IsHighSurrogate(text[end - 1])) end--;
        var space = text.LastIndexOf(' ', Math.Max(0, end - 1), Math.Min(20, end));
        return text[..(space > end / 2 ? space : end)].TrimEnd() + Ellipsis;
    }
}
