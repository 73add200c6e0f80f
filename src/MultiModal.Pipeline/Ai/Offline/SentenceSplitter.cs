using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>
/// Cuts a text into sentences. Wrapped lines are joined, separate lines (lists, the text that OCR reads from a
/// sign) are not; speech without punctuation is cut into stretches of a few seconds' worth of words.
/// </summary>
internal static partial class SentenceSplitter
{
    private const int WrappedLine = 45;
    private const int LongestSentence = 400;
    private const int StretchWords = 24;
    private const int ShortestStretch = 10;

    private static readonly FrozenSet<string> Abbreviations = FrozenSet.ToFrozenSet(
        ["mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "e.g", "i.e", "approx", "inc", "ltd", "no", "fig", "dept", "z.b", "d.h", "bzw", "usw",
            "ca", "nr", "str", "u.a", "evtl", "inkl", "m", "mme", "sr", "sra", "p.ej", "art", "vol"],
        StringComparer.OrdinalIgnoreCase);

    // Speakers often pause for breath before these words.
    private static readonly FrozenSet<string> Openings = FrozenSet.ToFrozenSet(
        ["and", "but", "so", "then", "now", "because", "okay", "also", "finally", "next", "please", "und", "aber", "dann", "weil", "jetzt", "bitte",
            "et", "mais", "alors", "donc", "puis", "y", "pero", "entonces", "luego", "porque"],
        StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<(string Text, LineMark Mark)> Split(string text)
    {
        foreach (var (line, mark) in Lines(text))
        {
            foreach (var sentence in Sentences(line))
            {
                foreach (var piece in Stretches(sentence)) yield return (piece, mark);
            }
        }
    }

    public static List<string> Words(string text)
    {
        var words = new List<string>();
        foreach (var match in Word().EnumerateMatches(text))
        {
            words.Add(text.Substring(match.Index, match.Length).ToLowerInvariant().Replace('’', '\''));
        }

        return words;
    }

    private static IEnumerable<(string Text, LineMark Mark)> Lines(string text)
    {
        var open = new List<string>();
        var openMark = LineMark.None;
        foreach (var raw in text.Split('\n'))
        {
            var (line, mark) = TakeMark(raw.Trim());
            var wrapped = open.Count > 0 && line.Length > 0 && mark == LineMark.None && !EndsSentence(open[^1])
                && openMark != LineMark.Heading && (open[^1].Length >= WrappedLine || char.IsLower(line[0]));
            if (!wrapped && open.Count > 0)
            {
                yield return (string.Join(' ', open), openMark);
                open.Clear();
            }

            if (line.Length == 0) continue;
            if (open.Count == 0) openMark = mark;
            open.Add(line);
        }

        if (open.Count > 0) yield return (string.Join(' ', open), openMark);
    }

    private static (string Line, LineMark Mark) TakeMark(string line)
    {
        var match = Mark().Match(line);
        if (!match.Success) return (line, LineMark.None);
        var mark = match switch
        {
            _ when match.Groups["heading"].Success => LineMark.Heading,
            _ when match.Groups["ticked"].Success => LineMark.TickedBox,
            _ when match.Groups["open"].Success => LineMark.OpenBox,
            _ => LineMark.Bullet,
        };
        return (line[match.Length..].Trim(), mark);
    }

    private static IEnumerable<string> Sentences(string line)
    {
        var start = 0;
        for (var i = 0; i < line.Length; i++)
        {
            if (!IsTerminator(line[i])) continue;
            var end = i + 1;
            while (end < line.Length && (IsTerminator(line[end]) || line[end] is '"' or '\'' or '”' or '’' or '»' or ')' or ']')) end++;
            i = end - 1;
            if (!EndsHere(line, start, end)) continue;
            yield return line[start..end].Trim();
            start = end;
        }

        var rest = line[start..].Trim();
        if (rest.Length > 0) yield return rest;
    }

    private static bool EndsHere(string line, int start, int end)
    {
        if (end >= line.Length || line[end - 1] is '。' or '！' or '？') return true;
        if (!char.IsWhiteSpace(line[end])) return false;
        var next = end;
        while (next < line.Length && !char.IsLetterOrDigit(line[next])) next++;
        if (next < line.Length && char.IsLower(line[next])) return false;
        if (line[end - 1] != '.') return true;

        var from = end - 1;
        while (from > start && !char.IsWhiteSpace(line[from - 1])) from--;
        var word = line[from..(end - 1)].TrimStart('(', '"', '“', '„');
        var initial = word.Length == 1 && char.IsLetter(word[0]);
        var ordinal = word.Length is 1 or 2 && word.All(char.IsAsciiDigit);
        return !initial && !ordinal && !Abbreviations.Contains(word);
    }

    private static IEnumerable<string> Stretches(string sentence)
    {
        if (sentence.Length <= LongestSentence && sentence.Count(c => c == ' ') <= StretchWords * 2)
        {
            yield return sentence;
            yield break;
        }

        var from = 0;
        var words = 0;
        for (var i = 0; i < sentence.Length; i++)
        {
            var atWord = i > from && sentence[i - 1] == ' ' && sentence[i] != ' ';
            if (atWord) words++;
            var breath = atWord && words >= ShortestStretch
                && (sentence[i - 2] is ',' or ';' or ':' or '—' || Openings.Contains(WordAt(sentence, i)));
            var full = (atWord && words >= StretchWords) || (i - from >= LongestSentence && !char.IsLowSurrogate(sentence[i]));
            if (!breath && !full) continue;
            yield return sentence[from..i].Trim();
            from = i;
            words = 0;
        }

        if (sentence[from..].Trim() is { Length: > 0 } rest) yield return rest;
    }

    private static string WordAt(string text, int index)
    {
        var end = text.IndexOf(' ', index, Math.Min(16, text.Length - index));
        return end < 0 ? "" : text[index..end];
    }

    private static bool EndsSentence(string line) => IsTerminator(line[^1]) || line[^1] is ':' or ';' or '"' or '”';

    private static bool IsTerminator(char c) => c is '.' or '!' or '?' or '…' or '。' or '！' or '？';

    [GeneratedRegex(@"[\p{L}\p{M}\p{Nd}]+(?:['’.\-][\p{L}\p{M}\p{Nd}]+)*", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(
        @"^(?:(?<heading>#{1,6}\s)|(?:[-*+•–]\s*|\d{1,3}[.)]\s+)?(?:(?<ticked>\[[xX]\]|☑|☒|✓|✔)|(?<open>\[ ?\]|☐))\s*|[-*•–]\s+|\d{1,3}[.)]\s+|>\s+)", RegexOptions.CultureInvariant)]
    private static partial Regex Mark();
}
