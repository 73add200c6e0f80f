using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Offline;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Benchmarks;

/// <summary>
/// Thirty minutes of known words at known times, heard whole and in pieces by pocketsphinx: the word error of the pieces is
/// within one percentage point of the whole's, segment times within 0.3 s, no seam lies in speech.
/// </summary>
internal static class SeamsBenchmark
{
    public static async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        var programs = new ProgramRunner(TimeProvider.System);
        var recording = await RecordedSpeech.MakeAsync(folder.Path, seconds: 1800, seed: 30, shortestPause: 0.4, longestPause: 4);
        var wav = recording.Write(folder["thirty-minutes.wav"]);
        using var engine = new PocketsphinxSpeechEngine(programs, Environment.ProcessorCount);

        var clock = Stopwatch.StartNew();
        var whole = await HearAsync(engine.Limits with { MaxSeconds = 3600 }, 3600, "whole");
        var wholeSeconds = clock.Elapsed.TotalSeconds;
        clock.Restart();
        var pieces = await HearAsync(engine.Limits, 600, "pieces");
        var piecesSeconds = clock.Elapsed.TotalSeconds;

        var wholeError = recording.WordError(whole.Text.Transcript.Text);
        var piecesError = recording.WordError(pieces.Text.Transcript.Text);
        var seamsInSpeech = pieces.Audio.Chunks.Skip(1).Select(c => c.Spans[0].OriginalStart)
            .Count(seam => recording.Said.Any(s => s.Start < seam && seam < s.End));
        var worst = pieces.Text.Transcript.Segments.Max(s => Math.Max(
            recording.Said.Min(said => Math.Abs(said.Start - s.StartSeconds)),
            recording.Said.Min(said => Math.Abs(said.End - s.EndSeconds))));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{recording.Seconds:F0} s, {recording.Words.Count} words: whole {wholeError:P2} word error in {wholeSeconds:F0} s; {pieces.Audio.Chunks.Count} pieces {piecesError:P2} in {piecesSeconds:F0} s ({recording.Seconds / piecesSeconds:F1}x real time); seams in speech {seamsInSpeech}; worst time {worst:F2} s"));
        return piecesError <= wholeError + 0.01 && seamsInSpeech == 0 && worst <= 0.3;

        async Task<(PreparedAudio Audio, StitchedTranscript Text)> HearAsync(SpeechLimits limits, int chunkSeconds, string work)
        {
            var prepared = await new AudioPreparer(Options.Create(new AudioOptions()), programs).PrepareAsync(
                wav, "audio/wav", new AudioRequest(limits, chunkSeconds, TrimSilence: true), Directory.CreateDirectory(folder[work]).FullName,
                cancellationToken);
            var answers = await Task.WhenAll(prepared.Value.Chunks.Select(c =>
                engine.TranscribeAsync(new SpeechRequest(c.FilePath, c.MediaType, c.DurationSeconds), cancellationToken)));
            return (prepared.Value, TranscriptStitcher.Stitch(prepared.Value.Plan, [.. answers.Select(a => a.Outcome.Value)]));
        }
    }
}
