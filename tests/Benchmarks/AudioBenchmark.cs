using System.Globalization;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Benchmarks;

/// <summary>
/// A 3-hour MP3 (44.1 kHz, stereo) goes through the local host, to simulated speech and a report: at most 300 MB of memory, at least 100 times real
/// time.
/// </summary>
internal static class AudioBenchmark
{
    private const long MaxMegabytes = 300;
    private const double MinSpeed = 100;

    public static async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        var programs = new ProgramRunner(TimeProvider.System);
        var mp3 = folder["three-hours.mp3"];
        Console.WriteLine("Making a 3-hour MP3 of speech ...");
        var made = await programs.RunAsync(
            new ProgramCall("ffmpeg",
            [
                "-nostdin", "-v", "error", "-f", "lavfi",
                "-i",
                "flite=text='The company will open a new hospital in the city next summer. The police officer found the missing money under the "
                    + "table.':voice=rms,apad=pad_dur=3,aresample=44100,aloop=loop=-1:size=600000",
                "-t", "10800", "-ac", "2", "-c:a", "libmp3lame", "-b:a", "128k", mp3,
            ])
            {
                TimeLimit = TimeSpan.FromMinutes(30),
            },
            cancellationToken);
        if (!made.Succeeded) throw new InvalidOperationException($"ffmpeg could not make the recording: {made.Errors}");

        await using var host = await HostUnderLoad.StartAsync(cancellationToken);
        await using (var recording = File.OpenRead(mp3))
        {
            await host.Account.Inbox.GetBlobClient("hours/three-hours.mp3").UploadAsync(recording, cancellationToken);
        }

        var report = await host.ReportOfAsync(BatchName.Parse("hours"), cancellationToken);
        var audio = report.Items[0].Audio ?? throw new InvalidOperationException(report.Items[0].Error?.Message);
        var seconds = report.Timing.WallClockMs / 1000.0;
        var speed = audio.DurationSeconds / seconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{audio.DurationSeconds:F0} s in {audio.Chunks} pieces ({audio.SentSeconds:F0} s sent): {seconds:F1} s from the run's start to its report, {speed:F0}x real time, peak RSS of the host {host.PeakMegabytes} MB, of its programs {host.PeakOfPrograms} MB"));
        return report.Status == RunStatus.Succeeded && Math.Max(host.PeakMegabytes, host.PeakOfPrograms) <= MaxMegabytes && speed >= MinSpeed;
    }
}
