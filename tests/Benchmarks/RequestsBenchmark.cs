using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Benchmarks;

/// <summary>
/// How many storage requests a run makes, by kind of item, counted in Azurite's access log: the first run, a second run of the unchanged batch, and
/// one more by a host that was started anew. Requests that come by time (listing the inbox, renewing leases) are shown apart.
/// </summary>
internal static class RequestsBenchmark
{
    private const int Items = 27;
    private const int ImagesOfMix = 21;

    /// <summary>How long storage has to be silent before a run counts as ended.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <param name="arguments">Names of the kinds to measure; all if empty. <c>verbose</c> lists every request.</param>
    /// <param name="cancellationToken">Cancels the benchmark.</param>
    public static async Task<bool> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var speech = await SpokenAsync();
        var kinds = new[]
        {
            new Kind("image", Items, Image, First: 12, Again: 5),
            new Kind("recording", Items, n => Recording(speech, n), First: 12, Again: 5),
            new Kind("text", Items, Text, First: 3, Again: 5),
            new Kind("one-text", 1, n => Text(n + 1000), First: 15, Again: 15),
            new Kind("mix", Items, n => n < ImagesOfMix ? Image(n + 1000) : Recording(speech, n + 1000), First: 12, Again: 5),
        };
        var verbose = arguments.Contains("verbose");
        var chosen = kinds.Where(k => arguments.All(a => a == "verbose") || arguments.Contains(k.Name)).ToList();
        var log = new RequestLog();
        await using var host = await HostUnderLoad.StartAsync(cancellationToken, log.Add, "Pipeline:QuietPeriod=00:00:01");
        using var http = new HttpClient { BaseAddress = host.Url };
        await WaitUntilReadyAsync(http, cancellationToken);
        var kept = true;
        foreach (var kind in chosen)
        {
            var batch = BatchName.Parse(kind.Name);
            var files = Enumerable.Range(0, kind.Items).Select(kind.Create).ToList();
            log.Restart();
            await Task.WhenAll(files.Select(file => host.Account.Inbox.GetBlobClient($"{batch.Value}/{file.Name}")
                .UploadAsync(new BinaryData(file.Content), cancellationToken)));

            kept &= await ReportAsync(host, log, kind, "first run", kind.First, verbose, cancellationToken);
            log.Restart();
            await StartAsync(http, batch, cancellationToken);
            kept &= await ReportAsync(host, log, kind, "second run", kind.Again, verbose, cancellationToken);
            await host.RestartAsync();
            await WaitUntilReadyAsync(http, cancellationToken);
            await Task.Delay(Silence, cancellationToken);
            log.Restart();
            await StartAsync(http, batch, cancellationToken);
            kept &= await ReportAsync(host, log, kind, "after a restart", kind.Again, verbose, cancellationToken);
        }

        return kept;
    }

    /// <summary>Waits for the end of a run and prints what it asked of storage.</summary>
    /// <returns>Whether the run stayed within its ceiling.</returns>
    private static async Task<bool> ReportAsync(
        HostUnderLoad host, RequestLog log, Kind kind, string run, int ceiling, bool verbose, CancellationToken cancellationToken)
    {
        var requests = await EndedAsync(host, log, kind.Name, batches: 1, cancellationToken);
        var counted = requests.Where(r => r.Kind != "watch" && !(r.Kind == "inbox" && r.Operation == "PUT")).ToList();
        var perItem = (double)counted.Count / kind.Items;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kind.Name} x {kind.Items}, {run}: {counted.Count} requests, {perItem:F1} an item (at most {ceiling}); by time: {requests.Count(r => r.Kind == "watch")}"));
        foreach (var group in counted.GroupBy(r => r.Kind).OrderByDescending(g => g.Count()))
        {
            var operations = group.GroupBy(r => r.Operation).OrderByDescending(g => g.Count()).Select(o => $"{o.Key} {o.Count()}");
            Console.WriteLine($"    {group.Key,-10} {group.Count(),5}  {string.Join(", ", operations)}");
        }

        if (verbose) foreach (var request in counted) Console.WriteLine($"        {request.Operation} {request.Target} {request.Status}");
        return perItem <= ceiling;
    }

    /// <summary>
    /// Waits until all runs have ended: the states of their batches are written after their reports, and storage has been silent since.
    /// </summary>
    /// <param name="host">The host.</param>
    /// <param name="log">The requests so far.</param>
    /// <param name="batch">Name of the batch, or what the names of several begin with.</param>
    /// <param name="batches">Number of batches.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    internal static async Task<IReadOnlyList<StorageRequest>> EndedAsync(
        HostUnderLoad host, RequestLog log, string batch, int batches, CancellationToken cancellationToken)
    {
        for (var (seen, since) = (0, DateTime.UtcNow); ;)
        {
            host.MustRun();
            await Task.Delay(BetweenLooks, cancellationToken);
            var requests = log.Requests;
            var counted = requests.Count(r => r.Kind != "watch");
            if (counted != seen) (seen, since) = (counted, DateTime.UtcNow);
            var reports = requests.Index().Where(r => r.Item.IsUpload && IsReport(r.Item.Target.Split('?')[0], batch)).ToList();
            var rested = reports.Count >= batches && requests.Skip(reports[^1].Index).Any(r => r.IsUpload && r.Kind == "batch");
            if (rested && DateTime.UtcNow - since >= Silence) return requests;
        }
    }

    private static bool IsReport(string path, string batch) =>
        path.StartsWith($"results/{batch}", StringComparison.Ordinal) && path.Split('/') is [_, _, "report.json"];

    private static async Task StartAsync(HttpClient http, BatchName batch, CancellationToken cancellationToken) =>
        (await http.PostAsync(new Uri($"/api/batches/{batch.Value}/start", UriKind.Relative), content: null, cancellationToken)).EnsureSuccessStatusCode();

    internal static async Task WaitUntilReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if ((await http.GetAsync(new Uri("/healthz", UriKind.Relative), cancellationToken)).StatusCode == HttpStatusCode.OK) return;
            }
            catch (HttpRequestException)
            {
                // The host does not listen yet.
            }

            await Task.Delay(BetweenLooks, cancellationToken);
        }
    }

    private static (string Name, byte[] Content) Image(int item) => ($"{item:D2}.jpg", TestImage.Jpeg(item, 1600, 1200));

    private static (string Name, byte[] Content) Recording(short[] speech, int item)
    {
        // Each recording is a little quieter than the one before it, so that no two are equal.
        var volume = 1 - (item / 4000.0);
        return ($"{item:D2}.wav", Wav.Of([.. speech.Select(sample => (short)(sample * volume))]));
    }

    /// <returns>Samples of some seconds of speech.</returns>
    internal static async Task<short[]> SpokenAsync()
    {
        using var folder = new TemporaryFolder();
        await Speech.SayAsync("Welcome to the morning meeting. The company will open a new hospital in the city next summer.", folder["speech.wav"]);
        var bytes = await File.ReadAllBytesAsync(folder["speech.wav"]);
        return MemoryMarshal.Cast<byte, short>(bytes.AsSpan(Wav.Header(0).Length)).ToArray();
    }

    private static (string Name, byte[] Content) Text(int item) =>
        ($"{item:D2}.txt", System.Text.Encoding.UTF8.GetBytes($"Note {item}: the ferry leaves at nine from the covered quay."));

    /// <summary>A batch of items of one kind.</summary>
    /// <param name="Name">Name of the kind, and of its batch.</param>
    /// <param name="Items">Number of items.</param>
    /// <param name="Create">Creates the item of a number; each has other content.</param>
    /// <param name="First">Requests that the first run may make for an item.</param>
    /// <param name="Again">Requests that a run of the unchanged batch may make for an item.</param>
    private sealed record Kind(string Name, int Items, Func<int, (string Name, byte[] Content)> Create, int First, int Again);
}
