using System.Diagnostics;
using System.Globalization;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Benchmarks;

/// <summary>
/// Batches of 10, 100, 1,000 and 10,000 small texts through the local host: requests to storage, time and memory, and how they grow. The slope is
/// that of the logarithms from 100 items on; 1 is linear.
/// </summary>
internal static class ScaleBenchmark
{
    private const double SteepestSlope = 1.1;
    private const int PromisedMegabytes = 250;
    private const int FirstOfSlope = 100;

    /// <param name="arguments">Numbers of items; all four if empty.</param>
    /// <param name="cancellationToken">Cancels the benchmark.</param>
    public static async Task<bool> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        int[] sizes = arguments.Count > 0 ? [.. arguments.Select(a => int.Parse(a, CultureInfo.InvariantCulture))] : [10, 100, 1000, 10_000];
        var points = new List<(int Items, int Requests, double Seconds)>();
        var kept = true;
        foreach (var size in sizes)
        {
            var log = new RequestLog();
            await using var host = await HostUnderLoad.StartAsync(cancellationToken, log.Add);
            using var http = new HttpClient { BaseAddress = host.Url };
            await RequestsBenchmark.WaitUntilReadyAsync(http, cancellationToken);
            var batch = BatchName.Parse($"scale{size}");
            await Parallel.ForAsync(0, size, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (item, token) =>
                await host.Account.Inbox.GetBlobClient($"{batch.Value}/{item:D5}.txt")
                    .UploadAsync(BinaryData.FromString($"Note {item}: the ferry leaves at nine from the covered quay."), token));
            var watch = Stopwatch.StartNew();
            var requests = await RequestsBenchmark.EndedAsync(host, log, batch.Value, cancellationToken);
            var report = (await host.Account.Results.ReadJsonAsync<Report>($"{batch.ResultsFolder}/report.json", cancellationToken))!.Value;
            var counted = requests.Count(r => r.Kind != "watch" && !(r.Kind == "inbox" && r.Operation == "PUT"));
            var seconds = report.Timing.WallClockMs / 1000.0;
            points.Add((size, counted, seconds));
            kept &= host.PeakMegabytes <= PromisedMegabytes;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{size} texts: {counted} requests ({(double)counted / size:F2} an item), run {seconds:F1} s (seen ended {watch.Elapsed.TotalSeconds:F1} s after the upload), peak RSS {host.PeakMegabytes} MB of {PromisedMegabytes}"));
        }

        var (first, last) = (points.Find(p => p.Items >= FirstOfSlope), points[^1]);
        if (first.Items == 0 || first.Items == last.Items) return kept;
        var slope = Math.Log((double)last.Requests / first.Requests) / Math.Log((double)last.Items / first.Items);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"slope of requests from {first.Items} to {last.Items} items {slope:F3} (at most {SteepestSlope}), of seconds {Math.Log(last.Seconds / first.Seconds) / Math.Log((double)last.Items / first.Items):F3}"));
        return kept && slope <= SteepestSlope;
    }
}
