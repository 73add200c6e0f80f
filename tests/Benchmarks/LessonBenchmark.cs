using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Programs;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Benchmarks;

/// <summary>
/// The lesson's ten lines (<c>lesson.py</c>, which stores nothing) and the command line's <c>run</c> on fresh storage, one after the other and in
/// turn: the same files and the same model server, which answers after a fixed time. The medians of the rounds are read as ratios.
/// </summary>
internal static partial class LessonBenchmark
{
    /// <summary>The script asks about all files at once, so that nothing limits the host either.</summary>
    private static readonly string[] Unlimited = ["Ai:MaxConcurrency=256", "Pipeline:MaxParallelSteps=256"];

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <param name="arguments">
    /// <c>latency=0.2,1,5</c> (seconds), <c>files=5,27,200</c>, <c>rounds=5</c>; settings of the host as <c>Name:Key=value</c>, which take the place
    /// of those that remove its limits; <c>python=path</c>.
    /// </param>
    /// <param name="cancellationToken">Cancels the benchmark.</param>
    public static async Task<bool> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var latencies = Numbers(arguments, "latency", [0.2, 1, 5]);
        var sizes = Numbers(arguments, "files", [5, 27, 200]);
        var rounds = (int)Numbers(arguments, "rounds", [5])[0];
        var python = arguments.FirstOrDefault(a => a.StartsWith("python=", StringComparison.Ordinal))?["python=".Length..] ?? "/usr/bin/python3";
        var given = arguments.Where(a => a.Contains(':', StringComparison.Ordinal)).ToList();
        IReadOnlyList<string> settings = given.Count > 0 ? given : Unlimited;
        Console.WriteLine($"{Environment.ProcessorCount} cores, settings of the host: {string.Join(' ', settings)}");

        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { IsOpen = true }, cancellationToken);
        foreach (var size in sizes)
        {
            using var files = new TemporaryFolder();
            var made = await LessonFiles.MakeAsync(files.Path, (int)size);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{size} files of {made}, {Directory.EnumerateFiles(files.Path).Sum(f => new FileInfo(f).Length) / 1e6:F0} MB"));
            var decoding = await DecodeAsync(files.Path, cancellationToken);
            foreach (var latency in latencies)
            {
                simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = (int)(latency * 1000) }));
                var (scripts, hosts) = (new List<double>(), new List<HostRound>());
                for (var round = 0; round < rounds; round++)
                {
                    scripts.Add(await ScriptAsync(python, simulator, files.Path));
                    hosts.Add(await HostAsync(simulator, files.Path, settings, cancellationToken));
                }

                Print(latency, decoding, scripts, hosts);
            }
        }

        return true;
    }

    /// <summary>Shrinks the photographs one by one with the product's own engine, which is what a run has to do of them at least.</summary>
    /// <returns>CPU seconds that it takes.</returns>
    private static async Task<double> DecodeAsync(string folder, CancellationToken cancellationToken)
    {
        using var engine = new NetVipsImageEngine(new DecoderProcess(new ProgramRunner(TimeProvider.System), Options.Create(new DecoderOptions())));
        var photographs = Directory.EnumerateFiles(folder, "*.jpg").ToList();
        var cpu = 0.0;
        foreach (var (file, isFirst) in photographs.Take(1).Select(file => (file, true)).Concat(photographs.Select(file => (file, false))))
        {
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            var request = new OptimizeRequest(1024, MaxPixels: 100_000_000, JpegQuality: 85, ImageTokenRule.Tile85);
            var shrunk = await engine.OptimizeAsync(file, request, cancellationToken);
            if (!shrunk.Succeeded) throw new InvalidOperationException($"{file}: {shrunk.Failure.Message}");
            if (!isFirst) cpu += (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
        }

        return cpu;
    }

    private static void Print(double latency, double decoding, List<double> scripts, List<HostRound> hosts)
    {
        var script = Median(scripts);
        var (own, programs) = (Median(hosts.Select(h => h.HostCpu)), Median(hosts.Select(h => h.ProgramsCpu)));
        var (start, azurite) = (Median(hosts.Select(h => h.StartCpu)), Median(hosts.Select(h => h.AzuriteCpu)));
        var (run, command, again) = (Median(hosts.Select(h => h.Run)), Median(hosts.Select(h => h.Command)), Median(hosts.Select(h => h.Again)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {latency} s: script {script:F2} s; run {run:F2} s ({run / script:F2} x); command line {command:F2} s ({command / script:F2} x); unchanged second run {again:F2} s"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"      of the run, the models' answers take {2 * latency:F2} s. CPU seconds of the command {own + programs:F2}: decoding {decoding:F2}, programs {programs:F2}, start {start:F2}, all else (storage client, compiling, JSON, HTTP) {own - decoding - start:F2}; of Azurite meanwhile {azurite:F2}"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"      if {Environment.ProcessorCount} cores were busy all the time, these would take {(own + programs + azurite) / Environment.ProcessorCount:F2} s of the command's {command:F2} s"));
        Console.WriteLine($"      rounds: script {Join(scripts)}; run {Join(hosts.Select(h => h.Run))}; command line {Join(hosts.Select(h => h.Command))}");
    }

    private static async Task<double> ScriptAsync(string python, SimulatorServer simulator, string folder)
    {
        await using var script = ChildProcess.Start(
            new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "lesson.py"), $"{simulator.Endpoint}v1", folder]));
        await script.EndAsync();
        var said = await script.Output;
        return Said().Match(said) is { Success: true } match && match.Groups["errors"].Value == "0"
            ? double.Parse(match.Groups["seconds"].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The script failed: {said}{await script.Errors}");
    }

    /// <summary>A first run on fresh storage, and a second one that finds nothing changed.</summary>
    private static async Task<HostRound> HostAsync(
        SimulatorServer simulator, string folder, IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        var azurite = AzuriteFixture.OnDisk();
        await azurite.InitializeAsync();
        try
        {
            var storage = azurite.NewConnectionString();
            var (_, (start, _)) = await CommandAsync(simulator, storage, ["status"], cancellationToken);
            var azuriteBefore = ProcessCpu.Of(azurite.ProcessId!.Value, withChildren: false) ?? 0;
            var (command, cpu) = await RunAsync(simulator, storage, folder, settings, cancellationToken);
            var azuriteCpu = (ProcessCpu.Of(azurite.ProcessId!.Value, withChildren: false) ?? 0) - azuriteBefore;
            var account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
            var first = await ReportAsync(account, 1, cancellationToken);
            await RunAsync(simulator, storage, folder, settings, cancellationToken);
            var second = await ReportAsync(account, 2, cancellationToken);
            return new HostRound(first, command, second, cpu.Own, cpu.Programs, start, azuriteCpu);
        }
        finally
        {
            await azurite.DisposeAsync();
        }
    }

    private static async Task<double> ReportAsync(MediaAccount account, int run, CancellationToken cancellationToken)
    {
        var report = await account.Results.ReadJsonAsync<Report>($"lesson/runs/{run}/report.json", cancellationToken)
            ?? throw new InvalidOperationException($"Run {run} has no report.");
        return report.Value.Timing.WallClockMs / 1000.0;
    }

    private static async Task<(double Seconds, (double Own, double Programs) Cpu)> RunAsync(
        SimulatorServer simulator, string storage, string folder, IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        using var output = new TemporaryFolder();
        string[] arguments =
            ["run", folder, "--batch", "lesson", "--out", output["report"], .. settings.SelectMany(setting => new[] { "--set", setting })];
        return await CommandAsync(simulator, storage, arguments, cancellationToken);
    }

    /// <returns>Seconds from the start of the command to its end, and CPU seconds of it and its programs.</returns>
    private static async Task<(double Seconds, (double Own, double Programs) Cpu)> CommandAsync(
        SimulatorServer simulator, string storage, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [await PublishedHost.AssemblyAsync(), .. arguments]) { WorkingDirectory = Path.GetTempPath() };
        start.Environment["Storage__ConnectionString"] = storage;
        start.Environment["AZURE_OPENAI_ENDPOINT"] = simulator.Endpoint.ToString();
        start.Environment["AZURE_OPENAI_API_KEY"] = simulator.Key;
        var watch = Stopwatch.StartNew();
        await using var command = ChildProcess.Start(start);
        var ended = command.EndAsync();
        var cpu = (Own: 0.0, Programs: 0.0);
        while (!ended.IsCompleted)
        {
            cpu = ProcessCpu.Read(command.Id) ?? cpu;
            await Task.WhenAny(ended, Task.Delay(BetweenLooks, cancellationToken));
        }

        var seconds = watch.Elapsed.TotalSeconds;
        return await ended == 0 ? (seconds, cpu) : throw new InvalidOperationException($"{await command.Output}{await command.Errors}");
    }

    private static double[] Numbers(IReadOnlyList<string> arguments, string name, double[] otherwise) =>
        arguments.FirstOrDefault(a => a.StartsWith($"{name}=", StringComparison.Ordinal)) is { } given
            ? [.. given[(name.Length + 1)..].Split(',').Select(n => double.Parse(n, CultureInfo.InvariantCulture))]
            : otherwise;

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static string Join(IEnumerable<double> values) => string.Join(' ', values.Select(v => v.ToString("F2", CultureInfo.InvariantCulture)));

    [GeneratedRegex(@"(?<seconds>[0-9.]+) s, \d+ files, (?<errors>\d+) errors")]
    private static partial Regex Said();

    /// <summary>One round of the host.</summary>
    /// <param name="Run">Seconds from the run's start to its report.</param>
    /// <param name="Command">Seconds that the command took, with its start, the upload and the download of the report.</param>
    /// <param name="Again">Seconds of a run of the unchanged batch.</param>
    /// <param name="HostCpu">CPU seconds of the command itself.</param>
    /// <param name="ProgramsCpu">CPU seconds of the programs that it started.</param>
    /// <param name="StartCpu">CPU seconds of a command that lists the batches of an empty account.</param>
    /// <param name="AzuriteCpu">CPU seconds of Azurite meanwhile.</param>
    private sealed record HostRound(double Run, double Command, double Again, double HostCpu, double ProgramsCpu, double StartCpu, double AzuriteCpu);
}
