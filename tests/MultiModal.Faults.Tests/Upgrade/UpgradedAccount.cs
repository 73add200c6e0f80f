using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using AzureOpenAISimulator;

namespace MultiModal.Faults.Tests.Upgrade;

/// <summary>
/// The recorded account in a fresh Azurite, taken over by today's hosts, one after the other, with the settings that it was made with. The first host
/// is asked what the older build was asked. Then each batch is started again by the host with the settings of its earlier runs, and some batches are
/// dropped again.
/// </summary>
public sealed class UpgradedAccount : IAsyncLifetime
{
    private static readonly string[] DroppedAgain = ["album", "documents", "meeting"];

    private readonly AzuriteFixture azurite = new();
    private readonly Dictionary<DumpedAnswer, string> answers = [];
    private readonly Dictionary<string, RunOfToday> runs = [];
    private readonly Dictionary<string, RunOfToday> runsOfNewDrops = [];
    private SimulatorServer simulator = null!;

    internal RecordedAccount Recorded { get; private set; } = null!;

    /// <summary>Today's answers to the recorded questions.</summary>
    internal IReadOnlyDictionary<DumpedAnswer, string> Answers => answers;

    /// <summary>The run that the older build's host was killed in.</summary>
    internal RunOfToday ResumedRun { get; private set; } = null!;

    /// <summary>Each batch's run that was started here.</summary>
    internal IReadOnlyDictionary<string, RunOfToday> Runs => runs;

    /// <summary>The next runs of some batches, whose files were uploaded again and have other ETags now.</summary>
    internal IReadOnlyDictionary<string, RunOfToday> RunsOfNewDrops => runsOfNewDrops;

    /// <summary>The number of calls that a provider would have charged for.</summary>
    internal int PaidCalls => simulator.Bill.Lines.Count;

    public async Task InitializeAsync()
    {
        await azurite.InitializeAsync();
        simulator = await SimulatorServer.StartAsync();
        var storage = azurite.NewConnectionString();
        Recorded = await RecordedAccount.LoadAsync(storage);

        await using (var host = await ServingHost.StartAsync(RecordedHosts.Offline(storage)))
        {
            await host.WaitForRestAsync(RecordedAccount.Interrupted, 1);
            ResumedRun = await RunOfToday.ReadAsync(host, RecordedAccount.Interrupted);
            foreach (var expected in Recorded.Expected) answers[expected] = await host.GetAsync(expected.Path, expected.MediaType);
            await RunAgainAsync(host, RecordedAccount.IsOffline);
            await host.StopAsync();
        }

        await using (var host = await ServingHost.StartAsync(RecordedHosts.Azure(storage, simulator.Endpoint, simulator.Key)))
        {
            await RunAgainAsync(host, batch => !RecordedAccount.IsOffline(batch) && !RecordedAccount.IsCompatible(batch));
            foreach (var batch in DroppedAgain) await DropAgainAsync(host, batch, storage);
            await host.StopAsync();
        }

        await using (var host = await ServingHost.StartAsync(RecordedHosts.Compatible(storage, simulator.Endpoint, simulator.Key)))
        {
            await RunAgainAsync(host, RecordedAccount.IsCompatible);
            await host.StopAsync();
        }
    }

    public async Task DisposeAsync()
    {
        await simulator.DisposeAsync();
        await azurite.DisposeAsync();
    }

    private async Task RunAgainAsync(ServingHost host, Func<string, bool> isChosen)
    {
        var batches = Recorded.Dump.Batches.Where(isChosen).ToList();
        foreach (var batch in batches) await host.StartRunAsync(batch);
        foreach (var batch in batches)
        {
            await host.WaitForRestAsync(batch, Recorded.RunSeqOf(batch) + 1);
            runs[batch] = await RunOfToday.ReadAsync(host, batch);
        }
    }

    private async Task DropAgainAsync(ServingHost host, string batch, string storage)
    {
        var inbox = new BlobServiceClient(storage).GetBlobContainerClient(StorageDump.Inbox);
        foreach (var file in Recorded.Dump.Dropped.Blobs.Where(b => StorageDump.BatchOf(b.Name) == batch))
        {
            await inbox.GetBlobClient(file.Name).UploadAsync(new BinaryData(file.Content), overwrite: true);
        }

        await host.WaitForRestAsync(batch, runs[batch].RunSeq + 1);
        runsOfNewDrops[batch] = await RunOfToday.ReadAsync(host, batch);
    }
}

/// <summary>The latest run of a batch, as its host shows it.</summary>
/// <param name="Report">The report.</param>
/// <param name="Details">Details of items, by the index of the item.</param>
internal sealed record RunOfToday(JsonNode Report, IReadOnlyDictionary<int, string> Details)
{
    public int RunSeq => Report["runSeq"]!.GetValue<int>();

    public string Status => Report["status"]!.GetValue<string>();

    public static async Task<RunOfToday> ReadAsync(ServingHost host, string batch)
    {
        var report = JsonNode.Parse(await host.GetAsync($"{ServingHost.AddressOf(batch)}/report"))!;
        var details = new Dictionary<int, string>();
        foreach (var (item, index) in report["items"]!.AsArray().Select((item, index) => (item!, index)))
        {
            if (item["detail"]?.GetValue<string>() is { } detail) details[index] = await host.GetAsync($"{ServingHost.AddressOf(batch)}/{detail}");
        }

        return new RunOfToday(report, details);
    }
}
