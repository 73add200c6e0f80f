using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Offline;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Benchmarks;

/// <summary>
/// Word errors of the offline speech engines on recordings that the caller has: a folder of recordings, each with its words in a text file of the same
/// name (<c>a.wav</c>, <c>a.txt</c>).
/// </summary>
/// <remarks>The arguments are the folder, the path of a Whisper model (<c>-</c> for pocketsphinx), and the language (<c>en</c>).</remarks>
internal static class WordsBenchmark
{
    public static async Task<bool> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (arguments.Length is < 1 or > 3)
        {
            Console.Error.WriteLine("usage: words FOLDER [MODEL|-] [LANGUAGE]");
            return false;
        }

        using var work = new TemporaryFolder();
        var programs = new ProgramRunner(TimeProvider.System);
        var model = arguments.Length > 1 && arguments[1] != "-" ? arguments[1] : null;
        var language = arguments.Length > 2 ? arguments[2] : null;
        using var pocketsphinx = new PocketsphinxSpeechEngine(programs, 1);
        using var whisper = new WhisperSpeechEngine(programs, 1, new WhisperOptions { ModelPath = model });
        ISpeechEngine engine = model is null ? pocketsphinx : whisper;
        var audio = Options.Create(new AudioOptions());
        var preparer = new AudioPreparer(audio, programs, new SpeechModel(audio));
        var (wrong, words, uncertain, recordings, seconds) = (0, 0, 0, 0, 0.0);
        foreach (var text in Directory.EnumerateFiles(arguments[0], "*.txt").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(text);
            var recording = Directory.EnumerateFiles(arguments[0], name + ".*").FirstOrDefault(file => file != text);
            if (recording is null) continue;
            var folder = Directory.CreateDirectory(work[name]).FullName;
            var prepared = await preparer.PrepareAsync(
                recording, null, new AudioRequest(engine.Limits, 600, TrimSilence: true), folder, cancellationToken);
            var heard = new StringBuilder();
            foreach (var chunk in prepared.Succeeded ? prepared.Value.Chunks : [])
            {
                var answer = await engine.TranscribeAsync(
                    new SpeechRequest(chunk.FilePath, chunk.MediaType, chunk.DurationSeconds, language is null ? null : [language]), cancellationToken);
                if (!answer.Outcome.Succeeded)
                {
                    Console.Error.WriteLine($"{name}: {answer.Outcome.Failure!.Message}");
                    continue;
                }

                heard.Append(answer.Outcome.Value.Text).Append(' ');
                if (answer.Outcome.Value.Uncertain) uncertain++;
            }

            var said = Words(await File.ReadAllTextAsync(text, cancellationToken));
            wrong += Distance(said, Words(heard.ToString()));
            (words, recordings, seconds) = (words + said.Length, recordings + 1, seconds + (prepared.Succeeded ? prepared.Value.DurationSeconds : 0));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{engine.Identity.Name}: {recordings} recordings of {seconds:F0} s, {words} words, word error {wrong / (double)Math.Max(1, words):P1}, {uncertain} pieces uncertain"));
        return recordings > 0;
    }

    private static string[] Words(string text) =>
        [.. new string([.. text.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) || c == '\'' ? c : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Fewest words that have to be changed, left out or added.</summary>
    private static int Distance(string[] said, string[] heard)
    {
        var row = Enumerable.Range(0, heard.Length + 1).ToArray();
        for (var i = 1; i <= said.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= heard.Length; j++)
            {
                var replaced = diagonal + (said[i - 1] == heard[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
