using System.Collections.Frozen;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>
/// Synthesizes without a model by choosing sentences: those whose words the whole group of inputs shares (a TF-IDF centroid,
/// after Radev et al., "Centroid-based summarization of multiple documents", 2004), an input's opening ahead of its middle,
/// and no two that say the same. It invents nothing, follows no instructions and translates nothing. It is deterministic;
/// its time and memory grow with the length of the text only.
/// </summary>
public sealed class ExtractiveTextEngine(TimeProvider time) : ITextEngine
{
    private const int SummarySentences = 5;
    private const int MostKeyPoints = 7;
    private const int MostTopics = 8;
    private const int MostActionItems = 12;
    private const int LongestPoint = 240;
    private const int LongestTitle = 80;
    private const double SameThing = 0.6;
    private const double SameInputAgain = 0.8;

    public EngineIdentity Identity { get; } = new(EngineIdentity.Offline, "extractive", "1");

    public Task<EngineAnswer<SynthesisDocument>> SynthesizeAsync(SynthesisRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var started = time.GetUtcNow();
        var stamp = time.GetTimestamp();
        var document = Extract(request.Inputs, cancellationToken);
        var attempt = new EngineAttempt(started, (long)time.GetElapsedTime(stamp).TotalMilliseconds, Status: 0, Code: null);
        return Task.FromResult(new EngineAnswer<SynthesisDocument>(document, Usage.None, [attempt]));
    }

    internal static SynthesisDocument Extract(IReadOnlyList<SynthesisInput> inputs, CancellationToken cancellationToken)
    {
        var sentences = new List<Sentence>();
        for (var i = 0; i < inputs.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var position = 0;
            foreach (var (text, mark) in SentenceSplitter.Split(inputs[i].Text))
            {
                var words = SentenceSplitter.Words(text);
                if (words.Count > 0) sentences.Add(new Sentence(text, words, i, position++, mark));
            }
        }

        var language = StopWords.Detect(sentences.SelectMany(s => s.Words).ToList());
        var stopWords = StopWords.For(language);
        cancellationToken.ThrowIfCancellationRequested();

        var ranked = Rank(sentences, stopWords);
        var topics = TopicFinder.Find(sentences, stopWords, MostTopics);
        var actions = sentences.Where(ActionItems.IsOne).ToList();
        var prose = ranked.Where(s => s.Sentence.Mark is not (LineMark.Heading or LineMark.TickedBox)).ToList();
        var summary = Choose(prose.Count > 0 ? prose : ranked, SummarySentences, []);
        var points = Choose(prose, MostKeyPoints, summary);
        return new SynthesisDocument(
            Title(inputs, sentences, topics),
            string.Join(' ', summary.OrderBy(s => s.Input).ThenBy(s => s.Position).Select(s => AsSentence(s.Text))),
            points.ConvertAll(s => Excerpt.Shorten(s.Text, LongestPoint)),
            topics,
            actions.Select(s => Excerpt.Shorten(s.Text, LongestPoint)).Distinct(StringComparer.OrdinalIgnoreCase).Take(MostActionItems).ToList(),
            language);
    }

    private static List<Ranked> Rank(List<Sentence> sentences, FrozenSet<string> stopWords)
    {
        var contents = sentences.ConvertAll(s => s.Words.Where(w => w.Length > 1 && !stopWords.Contains(w)).ToHashSet(StringComparer.Ordinal));
        var frequencies = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var word in contents.SelectMany(c => c)) frequencies[word] = frequencies.GetValueOrDefault(word) + 1;

        return sentences
            .Select((sentence, i) => new Ranked(sentence, Score(sentence, contents[i], frequencies, sentences.Count), contents[i]))
            .OrderByDescending(s => s.Score)
            .ThenBy(s => s.Sentence.Input)
            .ThenBy(s => s.Sentence.Position)
            .ToList();
    }

    private static double Score(Sentence sentence, HashSet<string> words, Dictionary<string, int> frequencies, int total)
    {
        if (words.Count == 0) return 0;
        var centroid = words.Sum(w => frequencies[w] * Math.Log(1 + ((double)total / frequencies[w])));
        var shortness = Math.Min(1, sentence.Words.Count / 6.0);
        var opening = sentence.Position switch { 0 => 1.4, 1 => 1.15, _ => 1.0 };
        return centroid / Math.Sqrt(words.Count + 3) * shortness * opening;
    }

    /// <summary>The best sentences: each further one of the same input counts less, and none repeats another.</summary>
    private static List<Sentence> Choose(List<Ranked> ranked, int most, List<Sentence> taken)
    {
        var chosen = new List<Ranked>();
        var avoided = ranked.Where(r => taken.Contains(r.Sentence)).Select(r => r.Words).ToList();
        var perInput = new Dictionary<int, int>();

        // Sentences are ranked by score, so that one far down cannot overtake: some hundreds are enough to choose a few.
        var pool = ranked.Where(r => r.Score > 0 && !taken.Contains(r.Sentence)).Take(400).ToList();
        while (chosen.Count < most && pool.Count > 0)
        {
            var best = pool.MaxBy(r => r.Score * Math.Pow(SameInputAgain, perInput.GetValueOrDefault(r.Sentence.Input)))!;
            pool.Remove(best);
            if (avoided.Concat(chosen.Select(c => c.Words)).Any(w => Overlap(w, best.Words) > SameThing)) continue;
            chosen.Add(best);
            perInput[best.Sentence.Input] = perInput.GetValueOrDefault(best.Sentence.Input) + 1;
        }

        return chosen.ConvertAll(c => c.Sentence);
    }

    private static double Overlap(HashSet<string> left, HashSet<string> right)
    {
        var shared = left.Count(right.Contains);
        return shared == 0 ? 0 : (double)shared / Math.Min(left.Count, right.Count);
    }

    private static string Title(IReadOnlyList<SynthesisInput> inputs, List<Sentence> sentences, IReadOnlyList<string> topics)
    {
        if (sentences.FirstOrDefault(s => s.Mark == LineMark.Heading) is { } heading) return Excerpt.Shorten(heading.Text, LongestTitle);
        var named = topics.Take(3).ToList();
        var title = named.Count > 0
            ? string.Join(", ", named)
            : sentences.FirstOrDefault()?.Text ?? (inputs.Count > 0 ? VisibleText.Of(inputs[0].Name) : "");
        return Excerpt.Shorten(Capitalized(title), LongestTitle);
    }

    private static string AsSentence(string text)
    {
        var sentence = Capitalized(text);
        return char.IsLetterOrDigit(sentence[^1]) || sentence[^1] == ',' ? sentence.TrimEnd(',') + "." : sentence;
    }

    private static string Capitalized(string text) => text.Length > 0 && char.IsLower(text[0]) ? char.ToUpperInvariant(text[0]) + text[1..] : text;

    private sealed record Ranked(Sentence Sentence, double Score, HashSet<string> Words);
}
