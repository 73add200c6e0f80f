using System.Globalization;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Benchmarks;

/// <summary>
/// Thirty minutes of known words at known times, as an engine hears them that answers with words alone: of the beginnings and ends of captions, 95 % are
/// within 0.7 s of those of the words that they show, at the product's own length of pieces.
/// </summary>
internal static class CaptionsBenchmark
{
    private const double Tolerance = 0.7;
    private const double Required = 0.95;

    private static readonly int[] Lengths = [15, 30, 60, 120, 240, 400];

    public static async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        var options = new AudioOptions();
        var model = new SpeechModel(Options.Create(options));
        var preparer = new AudioPreparer(Options.Create(options), new ProgramRunner(TimeProvider.System), model);
        var spoken = await SpokenWords.MakeAsync(folder.Path, seconds: 1800, seed: 17);
        var wav = spoken.Write(folder["spoken.wav"]);
        Console.WriteLine($"{spoken.Seconds:F0} s, {spoken.Words.Count} words, speech found by {preparer.Rule}");
        var holds = true;
        foreach (var seconds in Lengths)
        {
            var limits = new SpeechLimits(25 << 20, 400, ["audio/wav"], "audio/wav");
            var prepared = (await preparer.PrepareAsync(
                wav, "audio/wav", new AudioRequest(limits, seconds, TrimSilence: true, MapsSpeech: true),
                Directory.CreateDirectory(folder[$"{seconds}"]).FullName, cancellationToken)).Value;
            var stitched = TranscriptStitcher.Stitch(prepared.Plan, [.. prepared.Chunks.Select(spoken.Hear)]);
            var errors = spoken.Errors(Captions.ToWebVtt(stitched.Transcript)).Order().ToList();
            var within = errors.Count(error => error <= Tolerance) / (double)errors.Count;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"pieces of {seconds} s: {prepared.Chunks.Count} requests, {errors.Count} boundaries, {within:P1} within {Tolerance} s, median {errors[errors.Count / 2]:F2} s, worst {errors[^1]:F1} s"));
            if (seconds == options.UntimedChunkSeconds) holds = within >= Required;
        }

        return holds;
    }
}
