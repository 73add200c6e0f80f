using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Benchmarks;

/// <summary>A 3-hour MP3 (44.1 kHz, stereo) is cut into FLAC pieces: at most 300 MB of memory, at least 100 times real time.</summary>
internal static class AudioBenchmark
{
    private const long MaxMegabytes = 300;
    private const double MinSpeed = 100;

    public static async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        var programs = new ProgramRunner(TimeProvider.System);
        var mp3 = folder.File("three-hours.mp3");
        Console.WriteLine("Making a 3-hour MP3 of speech ...");
        var made = await programs.RunAsync(
            new ProgramCall("ffmpeg",
            [
                "-nostdin", "-v", "error", "-f", "lavfi",
                "-i", "flite=text='The company will open a new hospital in the city next summer. The police officer found the missing money under the table.':voice=rms,apad=pad_dur=3,aresample=44100,aloop=loop=-1:size=600000",
                "-t", "10800", "-ac", "2", "-c:a", "libmp3lame", "-b:a", "128k", mp3,
            ])
            {
                TimeLimit = TimeSpan.FromMinutes(30),
            },
            cancellationToken);
        if (!made.Succeeded) throw new InvalidOperationException($"ffmpeg could not make the recording: {made.Errors}");

        var preparer = new AudioPreparer(Options.Create(new AudioOptions()), programs);
        var limits = new SpeechLimits(25 << 20, 1500, ["audio/wav", "audio/flac"], "audio/flac");
        var clock = Stopwatch.StartNew();
        var outcome = await preparer.PrepareAsync(mp3, "audio/mpeg", new AudioRequest(limits, 600, TrimSilence: true), folder.Folder("work"), cancellationToken);
        var seconds = clock.Elapsed.TotalSeconds;
        if (!outcome.Succeeded) throw new InvalidOperationException(outcome.Failure.Message);

        var prepared = outcome.Value;
        var speed = prepared.DurationSeconds / seconds;
        var megabytes = Process.GetCurrentProcess().PeakWorkingSet64 >> 20;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{prepared.DurationSeconds:F0} s in {prepared.Chunks.Count} pieces ({prepared.SentSeconds:F0} s sent, {prepared.Chunks.Sum(c => c.Bytes) >> 20} MB): {seconds:F1} s, {speed:F0}x real time, peak RSS {megabytes} MB"));
        return megabytes <= MaxMegabytes && speed >= MinSpeed;
    }
}
