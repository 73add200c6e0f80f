using System.Diagnostics;
using System.Globalization;
using AzureOpenAISimulator;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Storage;
using MultiModal.Testing.Storage;

namespace MultiModal.Benchmarks;

/// <summary>
/// The local host in a process of its own, over an Azurite on disk and the simulated models, and how much memory it takes at most
/// (VmHWM of its process and of the programs it starts, Linux).
/// </summary>
internal sealed class HostUnderLoad : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly AzuriteFixture azurite;
    private readonly SimulatorServer simulator;
    private readonly string storage;
    private readonly IReadOnlyList<string> settings;
    private readonly string assembly;
    private readonly StorageProxy? recorder;
    private ChildProcess host;

    private HostUnderLoad(
        string assembly, AzuriteFixture azurite, SimulatorServer simulator, string storage, StorageProxy? recorder, IReadOnlyList<string> settings)
    {
        (this.assembly, this.azurite, this.simulator, this.storage, this.settings) = (assembly, azurite, simulator, storage, settings);
        this.recorder = recorder;
        Account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        host = Start();
    }

    public MediaAccount Account { get; }

    /// <summary>Address of the host's HTTP API.</summary>
    public Uri Url { get; } = new($"http://127.0.0.1:{LoopbackPort.Free()}");

    /// <summary>CPU seconds of the host so far, with those of the programs that it has waited for.</summary>
    public double CpuSeconds => ProcessCpu.Of(host.Id, withChildren: true) ?? 0;

    /// <summary>The host's highest resident memory so far, MiB.</summary>
    public long PeakMegabytes => Peak(host.Id) ?? 0;

    /// <summary>The highest resident memory of any one program that the host has started, as far as it was seen in time, MiB.</summary>
    public long PeakOfPrograms { get; private set; }

    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="accessLog">Receives each line of Azurite's access log.</param>
    /// <param name="settings">Settings of the host, each as <c>Name:Key=value</c>.</param>
    public static Task<HostUnderLoad> StartAsync(
        CancellationToken cancellationToken, Action<string>? accessLog = null, params IReadOnlyList<string> settings) =>
        StartAsync(accessLog, record: null, settings, cancellationToken);

    /// <summary>As the other, with all requests to storage recorded on their way, which takes time.</summary>
    /// <param name="record">Receives each request.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static Task<HostUnderLoad> StartRecordedAsync(Action<Exchange> record, CancellationToken cancellationToken) =>
        StartAsync(accessLog: null, record, settings: [], cancellationToken);

    private static async Task<HostUnderLoad> StartAsync(
        Action<string>? accessLog, Action<Exchange>? record, IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        var assembly = await PublishedHost.AssemblyAsync();
        var azurite = AzuriteFixture.OnDisk(accessLog);
        await azurite.InitializeAsync();
        var storage = azurite.NewConnectionString();
        var recorder = record is null ? null : await StorageProxy.StartAsync(storage);
        if (recorder is not null) (recorder.Record, storage) = (record, recorder.ConnectionString);
        await MediaAccount.Open(new StorageOptions { ConnectionString = storage }).CreateContainersAsync(cancellationToken);
        var simulator = await SimulatorServer.StartAsync(cancellationToken: cancellationToken);
        return new HostUnderLoad(assembly, azurite, simulator, storage, recorder, settings);
    }

    /// <summary>Ends the host and starts another one on the same account.</summary>
    public async Task RestartAsync()
    {
        await host.SignalAsync("TERM");
        await host.EndAsync();
        await host.DisposeAsync();
        host = Start();
    }

    /// <exception cref="InvalidOperationException">The host has ended.</exception>
    public void MustRun() => host.MustRun();

    /// <summary>Waits for the batch's first report.</summary>
    public async Task<Report> ReportOfAsync(BatchName batch, CancellationToken cancellationToken)
    {
        while (true)
        {
            host.MustRun();
            if (await Account.Results.ReadJsonAsync<Report>(
                $"{batch.ResultsFolder}/report.json", cancellationToken) is { } report) return report.Value;
            foreach (var program in Children(host.Id)) PeakOfPrograms = Math.Max(PeakOfPrograms, Peak(program) ?? 0);
            await Task.Delay(BetweenLooks, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await simulator.DisposeAsync();
        if (recorder is not null) await recorder.DisposeAsync();
        await azurite.DisposeAsync();
    }

    private ChildProcess Start()
    {
        var start = new ProcessStartInfo("dotnet", [assembly, "serve", .. settings.SelectMany(setting => new[] { "--set", setting })])
        {
            WorkingDirectory = Repository.Root,
        };
        start.Environment["Storage__ConnectionString"] = storage;
        start.Environment["LocalHost__Url"] = Url.ToString();
        start.Environment["AZURE_OPENAI_ENDPOINT"] = simulator.Endpoint.ToString();
        start.Environment["AZURE_OPENAI_API_KEY"] = simulator.Key;
        return ChildProcess.Start(start);
    }

    /// <returns>Null for a process that has ended.</returns>
    private static long? Peak(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static IEnumerable<int> Children(int process) =>
        Directory.EnumerateDirectories($"/proc/{process}/task").SelectMany(task =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);
            }
            catch (IOException)
            {
                return [];
            }
        });
}
