using System.Diagnostics;
using System.Globalization;
using AzureOpenAISimulator;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Storage;

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
    private readonly ChildProcess host;

    private HostUnderLoad(AzuriteFixture azurite, SimulatorServer simulator, MediaAccount account, ChildProcess host) =>
        (this.azurite, this.simulator, Account, this.host) = (azurite, simulator, account, host);

    public MediaAccount Account { get; }

    /// <summary>The host's highest resident memory so far, MiB.</summary>
    public long PeakMegabytes => Peak(host.Id) ?? 0;

    /// <summary>The highest resident memory of any one program that the host has started, as far as it was seen in time, MiB.</summary>
    public long PeakOfPrograms { get; private set; }

    public static async Task<HostUnderLoad> StartAsync(CancellationToken cancellationToken)
    {
        var azurite = AzuriteFixture.OnDisk();
        await azurite.InitializeAsync();
        var storage = azurite.NewConnectionString();
        var account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        await account.CreateContainersAsync(cancellationToken);
        var simulator = await SimulatorServer.StartAsync(cancellationToken: cancellationToken);
        return new HostUnderLoad(azurite, simulator, account, Start(storage, simulator));
    }

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
        await azurite.DisposeAsync();
    }

    private static ChildProcess Start(string storage, SimulatorServer simulator)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Repository.File("src", "MultiModal.LocalHost", "bin", "Release", "net10.0", "MultiModal.LocalHost.dll"), "serve"])
        {
            WorkingDirectory = Repository.Root,
        };
        start.Environment["Storage__ConnectionString"] = storage;
        start.Environment["LocalHost__Url"] = "http://127.0.0.1:0";
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
