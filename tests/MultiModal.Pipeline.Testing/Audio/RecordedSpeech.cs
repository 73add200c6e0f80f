using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MultiModal.Pipeline.Testing.Audio;

/// <summary>Sentences one after the other with silences between, of which it is known when each was said.</summary>
public sealed class RecordedSpeech
{
    private const int SampleRate = 16_000;

    private static readonly string[] Sentences =
    [
        "The company will open a new hospital in the city next summer.",
        "The police officer found the missing money under the table.",
        "Several people waited at the station for the last train.",
        "The manager said that the product will be ready in December.",
        "The family had dinner together at a small restaurant.",
        "The army moved across the country during the winter.",
        "She opened the window because the kitchen was very hot.",
        "The government will build a bridge across the river this year.",
        "Please send the report to the president before the weekend.",
        "Children and teachers visited the garden on Monday.",
    ];

    private readonly List<byte> pcm = [];
    private readonly List<(double Start, double End, string Text)> said = [];

    public IReadOnlyList<(double Start, double End, string Text)> Said => said;

    public double Seconds => pcm.Count / 2.0 / SampleRate;

    public IReadOnlyList<string> Words => [.. said.SelectMany(s => s.Text.TrimEnd('.').ToLowerInvariant().Split(' '))];

    /// <summary>Sentences in an order and with pauses that depend on the seed alone.</summary>
    public static async Task<RecordedSpeech> MakeAsync(string folder, double seconds, int seed, double shortestPause, double longestPause)
    {
        var voices = new List<byte[]>();
        foreach (var (i, text) in Sentences.Index())
        {
            var wav = Path.Combine(folder, $"sentence-{i}.wav");
            if (!File.Exists(wav)) await Speech.SayAsync(text, wav);
            voices.Add(Trimmed((await File.ReadAllBytesAsync(wav)).AsSpan(44)));
        }

        var random = new Random(seed);
        var recording = new RecordedSpeech();
        while (recording.Seconds < seconds)
        {
            recording.AddSilence(shortestPause + (random.NextDouble() * (longestPause - shortestPause)));
            var next = random.Next(Sentences.Length);
            recording.Add(voices[next], Sentences[next]);
        }

        return recording;
    }

    public void AddSilence(double seconds)
    {
        // A room is never digitally silent.
        var noise = new Random(pcm.Count);
        for (var i = 0; i < (int)(seconds * SampleRate); i++) Append((short)noise.Next(-3, 4));
    }

    public void Add(byte[] voice, string text)
    {
        var start = Seconds;
        pcm.AddRange(voice);
        said.Add((start, Seconds, text));
    }

    public string Write(string path)
    {
        using var file = File.Create(path);
        file.Write(Wav.Header(pcm.Count, SampleRate));
        file.Write(CollectionsMarshal.AsSpan(pcm));
        return path;
    }

    /// <summary>Share of words that a transcript has wrong, missing or too many: the edit distance over the words said.</summary>
    public double WordError(string heard)
    {
        var reference = Words;
        var words = heard.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var row = Enumerable.Range(0, words.Length + 1).ToArray();
        for (var i = 1; i <= reference.Count; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= words.Length; j++)
            {
                var substituted = diagonal + (reference[i - 1] == words[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return (double)row[^1] / reference.Count;
    }

    // The voice's own silence is taken off, so that the times of speech are known to some milliseconds.
    private static byte[] Trimmed(ReadOnlySpan<byte> voice)
    {
        const int audible = 300;
        var samples = voice.Length / 2;
        int first = 0, last = samples - 1;
        while (Math.Abs((int)Sample(voice, first)) < audible) first++;
        while (Math.Abs((int)Sample(voice, last)) < audible) last--;
        return voice[(first * 2)..((last + 1) * 2)].ToArray();
    }

    private static short Sample(ReadOnlySpan<byte> voice, int index) => BinaryPrimitives.ReadInt16LittleEndian(voice[(index * 2)..]);

    private void Append(short sample)
    {
        pcm.Add((byte)sample);
        pcm.Add((byte)(sample >> 8));
    }
}
