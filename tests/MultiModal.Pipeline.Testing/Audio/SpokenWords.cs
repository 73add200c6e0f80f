using System.Runtime.InteropServices;
using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Testing.Audio;

/// <summary>
/// Speech of known words at known times, made word by word by flite. Words run together into phrases of two to nine, each at its own speed; between
/// phrases and sentences are pauses as people make them: of log-normal length, most of them short, a few of seconds.
/// </summary>
public sealed class SpokenWords
{
    private const int Rate = 16_000;

    // Where flite's own silence before and after a word ends.
    private const int Audible = 300;

    private static readonly string[] Vocabulary =
    [
        "the", "company", "will", "open", "a", "new", "hospital", "in", "city", "next", "summer", "police", "officer", "found", "missing", "money",
        "under", "table", "several", "people", "waited", "at", "station", "for", "last", "train", "family", "dinner", "together", "small",
        "restaurant", "army", "moved", "across", "country", "during", "winter", "window", "because", "kitchen", "was", "very", "hot", "government",
    ];

    private readonly List<short> samples = [];
    private readonly List<SpokenWord> words = [];

    /// <summary>The words in order, spelled and with punctuation as a model writes them.</summary>
    public IReadOnlyList<SpokenWord> Words => words;

    public double Seconds => (double)samples.Count / Rate;

    /// <param name="folder">Folder for the words' own recordings.</param>
    /// <param name="seconds">About how long it lasts.</param>
    /// <param name="seed">Decides all that is random.</param>
    public static async Task<SpokenWords> MakeAsync(string folder, double seconds, int seed)
    {
        var voices = await SayAllAsync(folder);
        var random = new Random(seed);
        var speech = new SpokenWords();
        speech.Pause(random, 1);
        while (speech.Seconds < seconds) speech.AddSentence(voices, random);
        return speech;
    }

    public string Write(string path)
    {
        File.WriteAllBytes(path, Wav.Of(CollectionsMarshal.AsSpan(samples)));
        return path;
    }

    /// <summary>What an engine without times answers to a piece: the words that are in its samples, as one segment.</summary>
    public Transcript Hear(AudioChunk piece)
    {
        var heard = words.Where(word => piece.Spans.Any(span => IsWithin(span, (word.Start + word.End) / 2))).Select(word => word.Text);
        return new Transcript([new TranscriptSegment(0, piece.DurationSeconds, string.Join(' ', heard))], "en");
    }

    /// <summary>How far the beginning and the end of each caption are from those of its words, in seconds.</summary>
    /// <param name="webVtt">Captions of the whole, with all words in order.</param>
    public IReadOnlyList<double> Errors(string webVtt)
    {
        ArgumentNullException.ThrowIfNull(webVtt);
        var errors = new List<double>();
        var said = 0;
        foreach (var cue in webVtt.Split("\n\n").Skip(1))
        {
            var lines = cue.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var times = lines[0].Split(" --> ");
            var count = lines.Skip(1).Sum(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.Equal(words.Skip(said).Take(count).Select(word => word.Text), string.Join(' ', lines.Skip(1)).Split(' '));
            errors.Add(Math.Abs(SecondsOf(times[0]) - words[said].Start));
            errors.Add(Math.Abs(SecondsOf(times[1]) - words[said + count - 1].End));
            said += count;
        }

        Assert.Equal(words.Count, said);
        return errors;
    }

    private static double SecondsOf(string time) => TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture).TotalSeconds;

    private static bool IsWithin(ChunkSpan span, double second) => second >= span.OriginalStart && second < span.OriginalStart + span.Seconds;

    /// <summary>All words by one process, each into a file of its own.</summary>
    private static async Task<short[][]> SayAllAsync(string folder)
    {
        var files = Vocabulary.Select(word => Path.Combine(folder, $"word-{word}.wav")).ToList();
        if (!File.Exists(files[^1]))
        {
            await Tool.FfmpegAsync(
            [
                .. Vocabulary.SelectMany(word => new[] { "-f", "lavfi", "-i", $"flite=text='{word}':voice=rms" }),
                .. files.SelectMany((file, i) => new[] { "-map", $"{i}:a", "-ar", $"{Rate}", "-bitexact", file }),
            ]);
        }

        var voices = new List<short[]>();
        foreach (var file in files) voices.Add(Trimmed(MemoryMarshal.Cast<byte, short>((await File.ReadAllBytesAsync(file)).AsSpan(44))));
        return [.. voices];
    }

    private static short[] Trimmed(ReadOnlySpan<short> voice)
    {
        int first = 0, last = voice.Length - 1;
        while (Math.Abs((int)voice[first]) < Audible) first++;
        while (Math.Abs((int)voice[last]) < Audible) last--;
        return voice[first..(last + 1)].ToArray();
    }

    private void AddSentence(short[][] voices, Random random)
    {
        var phrases = random.Next(1, 5);
        for (var phrase = 0; phrase < phrases; phrase++)
        {
            var speed = Math.Clamp(Math.Exp(0.12 * Normal(random)), 0.75, 1.3);
            var count = random.Next(2, 10);
            var isLast = phrase == phrases - 1;
            for (var n = 0; n < count; n++)
            {
                if (n > 0) Silence(0.06 * random.NextDouble());
                var word = random.Next(Vocabulary.Length);
                var text = phrase == 0 && n == 0 ? char.ToUpperInvariant(Vocabulary[word][0]) + Vocabulary[word][1..] : Vocabulary[word];
                var end = n < count - 1 ? "" : isLast ? "." : random.NextDouble() < 0.5 ? "," : "";
                Add(voices[word], speed, text + end);
            }

            Pause(random, isLast ? 0.8 : 0.4);
        }
    }

    private void Pause(Random random, double median) =>
        Silence(random.NextDouble() < 0.03 ? 3 + (5 * random.NextDouble()) : Math.Clamp(median * Math.Exp(0.6 * Normal(random)), 0.12, 6));

    private void Add(short[] voice, double speed, string text)
    {
        var start = Seconds;
        for (double at = 0; at < voice.Length - 1; at += speed)
        {
            var whole = (int)at;
            samples.Add((short)(voice[whole] + ((voice[whole + 1] - voice[whole]) * (at - whole))));
        }

        words.Add(new SpokenWord(start, Seconds, text));
    }

    /// <summary>A room is never digitally silent.</summary>
    private void Silence(double seconds)
    {
        var noise = new Random(samples.Count);
        for (var i = 0; i < (int)(seconds * Rate); i++) samples.Add((short)noise.Next(-3, 4));
    }

    /// <summary>Box and Muller, "A note on the generation of random normal deviates".</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

/// <summary>A word and when it is said, in seconds.</summary>
public sealed record SpokenWord(double Start, double End, string Text);
