using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Synthesis;

/// <summary>
/// Divides a sequence of inputs into groups that fit a model, such that adding or removing one input changes only the groups around it: a
/// range that is too large is cut before the input with the smallest hash, and then each side again, like a treap over content. Counting
/// from the front would shift every later group, and all of them would have to be paid for again.
/// </summary>
internal static class SynthesisTree
{
    /// <summary>Minimum size of planned groups, in tokens, whatever the limit of a model.</summary>
    public const int LeastTokens = 1000;

    // A summary of the level below takes at most this fraction of a group's tokens. Since groups (except a single one) hold at least a
    // quarter, an eighth makes every level halve the number of its inputs.
    private const int SummaryShare = 8;
    private const int LeastShare = 4;

    // These tokens allow for name, kind and the prompt's own syntax around an input.
    private const int Wrapping = 16;
    private const int NameTokens = 40;
    private const int LongestUnit = 256;
    private const int LongestWord = 64;

    public static SynthesisWeight Weigh(SynthesisInput input) => new(
        Wrapping + TokenEstimate.ForText(input.Name) + TokenEstimate.ForText(input.Text),
        BinaryPrimitives.ReadUInt64BigEndian(Convert.FromHexString(SynthesisGroup.HashOf([input]).Value.AsSpan(0, 16))));

    /// <summary>
    /// Returns the input unchanged if it fits a group, and otherwise in pieces that end at lines, sentences or words; only white space
    /// between pieces is dropped.
    /// </summary>
    /// <param name="input">Any input.</param>
    /// <param name="limit">Maximum tokens of a group, <see cref="LeastTokens"/> or more.</param>
    public static IEnumerable<SynthesisInput> Fit(SynthesisInput input, int limit)
    {
        var name = Shorten(input.Name, NameTokens);
        var room = limit - Wrapping - NameTokens;
        if (TokenEstimate.ForText(input.Text) <= room)
        {
            yield return input with { Name = name };
            yield break;
        }

        var units = Units(input.Text);
        var weights = units.ConvertAll(u => new SynthesisWeight(TokenEstimate.ForText(u), Priority(u)));
        foreach (var range in Group(weights, room))
        {
            var text = string.Concat(units[range]).Trim();
            if (text.Length > 0) yield return input with { Name = name, Text = text };
        }
    }

    /// <summary>Makes a document of the level below an input of the next one, small enough that the next level is at most half as wide.</summary>
    public static SynthesisInput Summarized(SynthesisDocument document, int limit)
    {
        // The title serves as the name, because a number would change with every group inserted before.
        var name = Shorten(document.Title, NameTokens);
        var room = (limit / SummaryShare) - Wrapping - TokenEstimate.ForText(name);
        var text = new StringBuilder(Shorten(document.Summary, room / 2));
        var left = room - TokenEstimate.ForText(text.ToString());
        foreach (var line in document.ActionItems.Select(a => $"\n- [ ] {a}").Concat(document.KeyPoints.Select(p => $"\n- {p}")))
        {
            var tokens = TokenEstimate.ForText(line);
            if (tokens > left) continue;
            text.Append(line);
            left -= tokens;
        }

        return new SynthesisInput(name, "summary", text.ToString().Trim());
    }

    /// <summary>Returns ranges in order that cover all inputs; none exceeds the limit unless it is a single input.</summary>
    public static IReadOnlyList<Range> Group(IReadOnlyList<SynthesisWeight> inputs, int limit)
    {
        var groups = new List<Range>();
        if (inputs.Count == 0) return groups;

        var before = new long[inputs.Count + 1];
        for (var i = 0; i < inputs.Count; i++) before[i + 1] = before[i] + inputs[i].Tokens;

        var open = new Stack<Range>([0..inputs.Count]);
        while (open.TryPop(out var range))
        {
            var (from, to) = (range.Start.Value, range.End.Value);
            if (to - from == 1 || before[to] - before[from] <= limit)
            {
                groups.Add(range);
                continue;
            }

            var cut = Cut(inputs, before, from, to, limit / LeastShare) ?? Cut(inputs, before, from, to, 0)!.Value;
            open.Push(cut..to);
            open.Push(from..cut);
        }

        return groups;
    }

    /// <summary>
    /// Finds the start of the input with the smallest priority, among the places that leave enough on either side; if several are equal,
    /// the one nearest the middle.
    /// </summary>
    private static int? Cut(IReadOnlyList<SynthesisWeight> inputs, long[] before, int from, int to, int least)
    {
        int? best = null;
        var middle = (from + to) / 2;
        for (var i = from + 1; i < to; i++)
        {
            if (before[i] - before[from] < least || before[to] - before[i] < least) continue;
            if (best is not { } known
                || inputs[i].Priority < inputs[known].Priority
                || (inputs[i].Priority == inputs[known].Priority && Math.Abs(i - middle) < Math.Abs(known - middle)))
            {
                best = i;
            }
        }

        return best;
    }

    private static List<string> Units(string text)
    {
        var units = new List<string>();
        foreach (var line in Pieces(text, static (t, i) => t[i] == '\n'))
        {
            if (TokenEstimate.ForText(line) <= LongestUnit)
            {
                units.Add(line);
                continue;
            }

            foreach (var sentence in Pieces(
                line, static (t, i) => t[i] is '。' or '！' or '？' || (t[i] == ' ' && i > 0 && t[i - 1] is '.' or '!' or '?' or '…')))
            {
                if (TokenEstimate.ForText(sentence) <= LongestUnit) units.Add(sentence);
                else units.AddRange(Pieces(sentence, static (t, i) => t[i] == ' ').SelectMany(Chopped));
            }
        }

        return units;
    }

    private static IEnumerable<string> Pieces(string text, Func<string, int, bool> endsAt)
    {
        var from = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!endsAt(text, i)) continue;
            yield return text[from..(i + 1)];
            from = i + 1;
        }

        if (from < text.Length) yield return text[from..];
    }

    private static IEnumerable<string> Chopped(string word)
    {
        var from = 0;
        while (word.Length - from > LongestWord)
        {
            var end = from + LongestWord - (char.IsHighSurrogate(word[from + LongestWord - 1]) ? 1 : 0);
            yield return word[from..end];
            from = end;
        }

        yield return word[from..];
    }

    private static ulong Priority(string unit)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(unit), digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }

    private static string Shorten(string text, int tokens)
    {
        var shortened = text;
        for (var estimate = TokenEstimate.ForText(shortened); estimate > tokens; estimate = TokenEstimate.ForText(shortened))
        {
            shortened = Excerpt.Shorten(shortened, Math.Max(2, (int)((long)shortened.Length * tokens / estimate) - 1));
        }

        return shortened;
    }
}

/// <summary>The properties of an input that the grouping uses.</summary>
/// <param name="Tokens">Tokens that the input takes in a group.</param>
/// <param name="Priority">Priority derived from the hash of the content, which alone determines where groups are cut.</param>
internal readonly record struct SynthesisWeight(int Tokens, ulong Priority);
