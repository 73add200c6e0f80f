using MultiModal.Benchmarks;

// Each benchmark is a subcommand; it prints its figures and fails (exit code 1) where a promise is not kept.
var benchmarks = new Dictionary<string, Func<CancellationToken, Task<bool>>>
{
    ["activity"] = token => ActivityBenchmark.RunAsync(args[1..], token),
    ["audio"] = AudioBenchmark.RunAsync,
    ["captions"] = CaptionsBenchmark.RunAsync,
    ["dashboard"] = DashboardBenchmark.RunAsync,
    ["images"] = ImagesBenchmark.RunAsync,
    ["legible"] = token => LegibleBenchmark.RunAsync(args[1..], token),
    ["lesson"] = token => LessonBenchmark.RunAsync(args[1..], token),
    ["memory"] = MemoryBenchmark.RunAsync,
    ["ocr"] = token => OcrBenchmark.RunAsync(args[1..], token),
    ["requests"] = token => RequestsBenchmark.RunAsync(args[1..], token),
    ["scale"] = token => ScaleBenchmark.RunAsync(args[1..], token),
    ["seams"] = SeamsBenchmark.RunAsync,
    ["words"] = token => WordsBenchmark.RunAsync(args[1..], token),
};

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var benchmark))
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project tests/Benchmarks -- {string.Join('|', benchmarks.Keys)}");
    return 2;
}

using var cancelled = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancelled.Cancel();
};
return await benchmark(cancelled.Token) ? 0 : 1;
