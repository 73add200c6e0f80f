using System.Diagnostics;
using System.Globalization;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Benchmarks;

/// <summary>
/// How much memory the local host takes at most while a batch with a file of 1 GB goes through: once a file of no known kind,
/// which is hashed, and once a recording of noise, which is decoded, cut and sent too.
/// </summary>
internal static class MemoryBenchmark
{
    private const long FileBytes = 1L << 30;
    private const int PromisedMegabytes = 300;

    public static async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await using var host = await HostUnderLoad.StartAsync(cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);
        var idle = host.PeakMegabytes;
        var kept = true;
        foreach (var (name, head) in new[] { ("unknown.bin", new byte[] { 0x7F, 0x45, 0x4C, 0x46 }),
            ("recording.wav", Wav.Header(FileBytes - 44, 44_100, channels: 2)) })
        {
            var batch = BatchName.Parse(Path.GetFileNameWithoutExtension(name));
            var watch = Stopwatch.StartNew();
            await using (var content = new PseudoRandomStream(head, FileBytes))
            {
                await host.Account.Inbox.GetBlobClient($"{batch.Value}/{name}").UploadAsync(content, cancellationToken);
            }

            var uploaded = watch.Elapsed;
            var report = await host.ReportOfAsync(batch, cancellationToken);
            kept &= host.PeakMegabytes <= PromisedMegabytes;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {FileBytes >> 20} MiB, item {report.Items[0].Status} {report.Items[0].Error?.Code}, upload {uploaded.TotalSeconds:F1} s, run {report.Timing.WallClockMs / 1000.0:F1} s, peak RSS of the host {host.PeakMegabytes} MB (idle {idle} MB, promised {PromisedMegabytes} MB)"));
        }

        return kept;
    }
}
