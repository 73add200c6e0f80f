using System.Text.RegularExpressions;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>
/// Finds the phrases that a text repeats: runs of words without a stop word between them, as RAKE takes them
/// (Rose et al., "Automatic Keyword Extraction from Individual Documents", 2010), ranked by frequency.
/// </summary>
internal static partial class TopicFinder
{
    private const int LongestPhrase = 3;
    private const int MostPhrases = 60_000;

    /// <returns>Phrases, most frequent first, spelled as in the text.</returns>
    public static IReadOnlyList<string> Find(IEnumerable<Sentence> sentences, IReadOnlySet<string> stopWords, int most)
    {
        var counts = new Dictionary<string, Candidate>(StringComparer.Ordinal);
        foreach (var sentence in sentences)
        {
            foreach (var run in Runs(sentence.Text, stopWords)) Count(run, counts);
        }

        var ranked = counts
            .Where(c => c.Value.Words == 1 || c.Value.Count > 1)
            .OrderByDescending(c => c.Value.Score)
            .ThenBy(c => c.Value.First)
            .ThenByDescending(c => c.Value.Words);
        var chosen = new List<(string Key, string Spelling)>();
        foreach (var (key, candidate) in ranked)
        {
            if (chosen.Count == most) break;
            if (!chosen.Any(c => Contains(c.Key, key) || Contains(key, c.Key))) chosen.Add((key, candidate.Spelling));
        }

        return chosen.ConvertAll(c => c.Spelling);
    }

    private static IEnumerable<List<string>> Runs(string text, IReadOnlySet<string> stopWords)
    {
        var run = new List<string>();
        var end = 0;
        foreach (Match match in Token().Matches(text))
        {
            var apart = text.AsSpan(end, match.Index - end).ContainsAnyExcept(' ', '-');
            end = match.Index + match.Length;
            var word = match.Value;
            var stops = word.Length < 3 || word.Length > 40 || stopWords.Contains(word.ToLowerInvariant().Replace('’', '\''))
                || !word.Any(char.IsLetter);
            if ((apart || stops) && run.Count > 0)
            {
                yield return run;
                run = [];
            }

            if (!stops) run.Add(word);
        }

        if (run.Count > 0) yield return run;
    }

    private static void Count(List<string> run, Dictionary<string, Candidate> counts)
    {
        for (var from = 0; from < run.Count; from++)
        {
            for (var length = 1; length <= LongestPhrase && from + length <= run.Count; length++)
            {
                var spelling = string.Join(' ', run.GetRange(from, length));
                var key = spelling.ToLowerInvariant();
                if (counts.TryGetValue(key, out var known)) known.Add(spelling);
                else if (counts.Count < MostPhrases) counts[key] = new Candidate(spelling, length, counts.Count);
            }
        }
    }

    private static bool Contains(string phrase, string part) => $" {phrase} ".Contains($" {part} ", StringComparison.Ordinal);

    [GeneratedRegex(@"[\p{L}\p{M}\p{Nd}]+(?:['’\-][\p{L}\p{M}\p{Nd}]+)*", RegexOptions.CultureInvariant)]
    private static partial Regex Token();

    private sealed class Candidate(string spelling, int words, int first)
    {
        public int Words => words;

        public int First => first;

        public int Count { get; private set; } = 1;

        public string Spelling { get; private set; } = spelling;

        // A phrase says more than a word, and a name (with a capital also within a sentence) says more than a common noun.
        public double Score => Count * (1 + (0.7 * (words - 1))) * (char.IsUpper(Spelling[0]) ? 1.3 : 1);

        /// <summary>Counts an occurrence. If a word also occurs in lowercase, its capital only marked the beginning of a sentence.</summary>
        public void Add(string spelling)
        {
            Count++;
            if (char.IsLower(spelling[0]) && char.IsUpper(Spelling[0])) Spelling = spelling;
        }
    }
}
