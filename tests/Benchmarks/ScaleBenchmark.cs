using System.Collections.Concurrent;
using System.Globalization;
using MultiModal.Pipeline.Batches;
using MultiModal.Testing.Storage;

namespace MultiModal.Benchmarks;

/// <summary>
/// How requests to storage, CPU time and memory of the local host grow with the items of a batch, and with the number of batches. The slope is that
/// of the logarithms; 1 is linear. A run's wall clock is compared with that of its requests alone, because Azurite slows down as it fills.
/// </summary>
internal static class ScaleBenchmark
{
    private const double SteepestSlope = 1.1;
    private const double MostOfReplay = 1.3;
    private const int PromisedMegabytes = 250;
    private const int FirstOfSlope = 100;

    /// <param name="arguments">Numbers of items, and <c>batches=10,50,200</c>, numbers of batches of one item each.</param>
    /// <param name="cancellationToken">Cancels the benchmark.</param>
    public static async Task<bool> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        const string batches = "batches=";
        var given = arguments.Where(a => !a.StartsWith(batches, StringComparison.Ordinal)).Select(Number).ToList();
        var counts = arguments.FirstOrDefault(a => a.StartsWith(batches, StringComparison.Ordinal)) is { } named
            ? named[batches.Length..].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number).ToList()
            : [10, 50, 200];
        var kept = true;
        var ofItems = new List<Point>();
        foreach (var size in given.Count > 0 ? given : [10, 100, 1000])
        {
            var (point, run) = await ItemsAsync(size, cancellationToken);
            var (requests, alone) = await AloneAsync(size, cancellationToken);
            kept &= point.Megabytes <= PromisedMegabytes && (size < FirstOfSlope || run <= MostOfReplay * alone);
            ofItems.Add(point);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{size} texts: {point}; run {run:F1} s, {run / alone:F2} x the {alone:F1} s of its {requests} requests alone (at most {MostOfReplay} from {FirstOfSlope} on)"));
        }

        var ofBatches = new List<Point>();
        foreach (var count in counts)
        {
            var point = await BatchesAsync(count, cancellationToken);
            kept &= point.Megabytes <= PromisedMegabytes;
            ofBatches.Add(point);
            Console.WriteLine($"{count} batches: {point}");
        }

        return kept & Slope("items", [.. ofItems.Where(p => p.Size >= FirstOfSlope)]) & Slope("batches", ofBatches);
    }

    /// <summary>A run of one batch.</summary>
    private static async Task<(Point Point, double Run)> ItemsAsync(int size, CancellationToken cancellationToken)
    {
        var log = new RequestLog();
        await using var host = await HostUnderLoad.StartAsync(cancellationToken, log.Add);
        var batch = await DropAsync(host, size, cancellationToken);
        var before = host.CpuSeconds;
        var requests = await RequestsBenchmark.EndedAsync(host, log, batch.Value, batches: 1, cancellationToken);
        return (PointOf(size, requests, host, before), (await host.ReportOfAsync(batch, cancellationToken)).Timing.WallClockMs / 1000.0);
    }

    /// <summary>The requests of the same run, sent to an Azurite that does nothing else.</summary>
    /// <returns>Number of requests, and seconds from the first to the last.</returns>
    private static async Task<(int Requests, double Seconds)> AloneAsync(int size, CancellationToken cancellationToken)
    {
        var recorded = new ConcurrentQueue<Exchange>();
        await using (var host = await HostUnderLoad.StartRecordedAsync(recorded.Enqueue, cancellationToken))
        {
            await host.ReportOfAsync(await DropAsync(host, size, cancellationToken), cancellationToken);
        }

        // A run begins by listing its batch, and ends with its report.
        var batch = BatchOf(size).Value;
        var all = recorded.OrderBy(e => e.Arrived).ToList();
        var began = all.First(e => e.Request.Touches($"prefix={batch}") && e.Request.Touches("comp=list")).Arrived;
        var ended = all.First(e => e.Request.IsUpload && e.Request.Touches($"/results/{batch}/report.json")).Answered;
        var azurite = AzuriteFixture.OnDisk();
        await azurite.InitializeAsync();
        try
        {
            using var replay = new Replay(azurite.NewConnectionString());
            await replay.SendAsync(all.Where(e => e.Arrived < began));
            var run = all.Where(e => e.Arrived >= began && e.Arrived < ended).ToList();
            return (run.Count, await replay.SendAsync(run));
        }
        finally
        {
            await azurite.DisposeAsync();
        }
    }

    /// <summary>Runs of many batches, each of one text, that are dropped one after the other.</summary>
    private static async Task<Point> BatchesAsync(int count, CancellationToken cancellationToken)
    {
        var log = new RequestLog();
        await using var host = await HostUnderLoad.StartAsync(cancellationToken, log.Add);
        await ReadyAsync(host, cancellationToken);
        var before = host.CpuSeconds;
        for (var number = 0; number < count; number++) await UploadAsync(host, $"many{number:D4}/note.txt", number, cancellationToken);
        var requests = await RequestsBenchmark.EndedAsync(host, log, "many", count, cancellationToken);
        return PointOf(count, requests, host, before);
    }

    private static async Task<BatchName> DropAsync(HostUnderLoad host, int size, CancellationToken cancellationToken)
    {
        await ReadyAsync(host, cancellationToken);
        var batch = BatchOf(size);
        await Parallel.ForAsync(
            0, size, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (item, token) => await UploadAsync(host, $"{batch.Value}/{item:D5}.txt", item, token));
        return batch;
    }

    private static BatchName BatchOf(int size) => BatchName.Parse($"scale{size}");

    private static async Task UploadAsync(HostUnderLoad host, string name, int number, CancellationToken cancellationToken) => await host.Account.Inbox
        .GetBlobClient(name).UploadAsync(BinaryData.FromString($"Note {number}: the ferry leaves at nine from the covered quay."), cancellationToken);

    private static async Task ReadyAsync(HostUnderLoad host, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = host.Url };
        await RequestsBenchmark.WaitUntilReadyAsync(http, cancellationToken);
    }

    private static Point PointOf(int size, IReadOnlyList<StorageRequest> requests, HostUnderLoad host, double before) => new(
        size,
        requests.Count(r => r.Kind != "watch" && !(r.Kind == "inbox" && r.Operation == "PUT")),
        host.CpuSeconds - before,
        host.PeakMegabytes);

    private static bool Slope(string what, IReadOnlyList<Point> points)
    {
        if (points.Count < 2) return true;
        var (first, last) = (points[0], points[^1]);
        var (requests, cpu, memory) = (Of(p => p.Requests), Of(p => p.Cpu), Of(p => p.Megabytes));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"slopes from {first.Size} to {last.Size} {what} (at most {SteepestSlope}): requests {requests:F3}, CPU time {cpu:F3}, memory {memory:F3}"));
        return Math.Max(requests, Math.Max(cpu, memory)) <= SteepestSlope;

        double Of(Func<Point, double> value) => Math.Log(value(last) / value(first)) / Math.Log((double)last.Size / first.Size);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>What a run took.</summary>
    /// <param name="Size">Number of items, or of batches.</param>
    /// <param name="Requests">Requests to storage, without those that come by time and those of the upload.</param>
    /// <param name="Cpu">CPU seconds of the host.</param>
    /// <param name="Megabytes">Highest resident memory of the host, MiB.</param>
    private sealed record Point(int Size, int Requests, double Cpu, long Megabytes)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Requests} requests ({(double)Requests / Size:F2} each), CPU {Cpu:F1} s, peak RSS {Megabytes} MB of {PromisedMegabytes}");
    }
}
