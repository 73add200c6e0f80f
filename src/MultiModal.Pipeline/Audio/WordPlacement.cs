using System.Globalization;
using System.Text;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// Places the words of a piece in time where its engine gives none. Words are dealt out over the stretches of speech so that the length of each stretch
/// fits the length of its words, and sentences end at pauses where that fits as well: a search over all ways to deal them out (dynamic programming).
/// </summary>
internal static class WordPlacement
{
    // How far the length of a stretch is from that of its words: people vary their speed, and a boundary is found to about a tenth of a second.
    private const double LeastDeviation = 0.12;
    private const double Deviation = 0.18;

    // Costs beside that, in the same unit (half of a squared deviation). They only decide between ways that fit about as well.
    private const double SentenceWithinStretch = 3;
    private const double PauseWithinSentence = 1.5;
    private const double PauseAtComma = 0.2;
    private const double SilentStretch = 12;
    private const double SilentSecond = 16;

    // Longer pauses separate captions.
    private const double JoinedPause = 0.7;
    private const double JoinedPauseAfterSentence = 0.25;

    /// <param name="text">What is said in the piece.</param>
    /// <param name="speech">Stretches of speech, ascending and not overlapping; at least one.</param>
    /// <returns>Segments in ascending order, each at most a caption long unless it was said without a pause.</returns>
    public static IReadOnlyList<TranscriptSegment> Place(string text, IReadOnlyList<SpeechStretch> speech)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(speech);
        ArgumentOutOfRangeException.ThrowIfZero(speech.Count);
        var words = Words(text);
        if (words.Count == 0) return [];
        var ends = Deal(words, speech);
        var segments = new List<TranscriptSegment>();
        var first = 0;
        for (var at = 0; at < speech.Count; at++)
        {
            if (ends[at] == first) continue;
            var said = text[words[first].From..words[ends[at] - 1].To];
            first = ends[at];
            if (segments.Count > 0 && Join(segments[^1], speech[at], said) is { } joined) segments[^1] = joined;
            else segments.Add(new TranscriptSegment(speech[at].StartSeconds, speech[at].EndSeconds, said));
        }

        return segments;
    }

    private static TranscriptSegment? Join(TranscriptSegment before, SpeechStretch next, string said)
    {
        var pause = next.StartSeconds - before.EndSeconds;
        return before.Text.Length + 1 + said.Length <= Captions.CueLength
            && pause < (EndsSentence(before.Text) ? JoinedPauseAfterSentence : JoinedPause)
            ? before with { EndSeconds = next.EndSeconds, Text = $"{before.Text} {said}" }
            : null;
    }

    /// <returns>For each stretch the number of words that are said up to its end.</returns>
    private static int[] Deal(List<Word> words, IReadOnlyList<SpeechStretch> speech)
    {
        var (count, stretches) = (words.Count, speech.Count);
        var (length, sentences) = (new double[count + 1], new int[count + 1]);
        for (var i = 0; i < count; i++)
        {
            length[i + 1] = length[i] + words[i].Weight;
            sentences[i + 1] = sentences[i] + (words[i].End == WordEnd.Stop ? 1 : 0);
        }

        var rate = speech.Sum(s => s.Seconds) / length[count];
        var least = new double[stretches + 1, count + 1];
        var from = new int[stretches + 1, count + 1];
        for (var i = 1; i <= count; i++) least[0, i] = double.PositiveInfinity;
        for (var at = 1; at <= stretches; at++)
        {
            var seconds = speech[at - 1].Seconds;
            for (var end = 0; end <= count; end++)
            {
                least[at, end] = least[at - 1, end] + Math.Min(SilentStretch, SilentSecond * seconds);
                from[at, end] = end;
                var pause = end is 0 || end == count || at == stretches ? 0 : CostOfPause(words[end - 1].End);
                for (var start = end - 1; start >= 0; start--)
                {
                    var expected = (length[end] - length[start]) * rate;
                    if (expected > (3 * seconds) + 1 && start < end - 1) break;
                    var off = (expected - seconds) / (LeastDeviation + (Deviation * Math.Max(expected, seconds)));
                    var within = sentences[end - 1] - sentences[start];
                    var cost = least[at - 1, start] + (off * off / 2) + (SentenceWithinStretch * within) + pause;
                    if (cost < least[at, end]) (least[at, end], from[at, end]) = (cost, start);
                }
            }
        }

        var ends = new int[stretches];
        for (var (at, end) = (stretches, count); at > 0; end = from[at, end], at--) ends[at - 1] = end;
        return ends;
    }

    private static double CostOfPause(WordEnd end) => end switch
    {
        WordEnd.Stop => 0,
        WordEnd.Comma => PauseAtComma,
        _ => PauseWithinSentence,
    };

    /// <summary>Words between spaces; where a writing has none between words, its signs.</summary>
    private static List<Word> Words(string text)
    {
        var words = new List<Word>();
        var (start, weight) = (-1, 0.0);
        for (var at = 0; at < text.Length;)
        {
            var rune = Rune.TryGetRuneAt(text, at, out var valid) ? valid : Rune.ReplacementChar;
            if (Rune.IsWhiteSpace(rune))
            {
                Complete(at);
            }
            else if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherLetter)
            {
                Complete(at);
                (start, weight) = (at, 1);
                Complete(WithPunctuation(at + rune.Utf16SequenceLength));
                at = words[^1].To;
                continue;
            }
            else
            {
                if (start < 0) start = at;
                weight += Rune.IsDigit(rune) ? 3 : Rune.IsLetter(rune) ? 1 : 0;
            }

            at += rune.Utf16SequenceLength;
        }

        Complete(text.Length);
        return words;

        // A word takes the time of its letters and two more.
        void Complete(int end)
        {
            if (start >= 0) words.Add(new Word(start, end, weight + 2, EndOf(text[end - 1])));
            (start, weight) = (-1, 0);
        }

        int WithPunctuation(int end)
        {
            while (end < text.Length && char.IsPunctuation(text[end])) end++;
            return end;
        }
    }

    private static bool EndsSentence(string text) => EndOf(text[^1]) == WordEnd.Stop;

    private static WordEnd EndOf(char last) => last switch
    {
        '.' or '!' or '?' or '…' or '。' or '！' or '？' => WordEnd.Stop,
        ',' or ';' or ':' or '–' or '、' or '，' or '；' or '：' => WordEnd.Comma,
        _ => WordEnd.Open,
    };

    /// <summary>What follows a word.</summary>
    private enum WordEnd
    {
        Open,
        Comma,
        Stop,
    }

    /// <param name="From">Its first character.</param>
    /// <param name="To">The character after its last.</param>
    /// <param name="Weight">How long it takes to say, compared with others.</param>
    /// <param name="End">What follows it.</param>
    private readonly record struct Word(int From, int To, double Weight, WordEnd End);
}
