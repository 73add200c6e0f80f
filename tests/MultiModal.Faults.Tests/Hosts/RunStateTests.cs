using System.Globalization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using AzureOpenAISimulator;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Faults.Tests.Hosts;

/// <summary>A batch that is added to for years keeps its reports, and no more state than its last runs need.</summary>
[Collection(SharedAzurite.Name)]
public sealed class RunStateTests(AzuriteFixture azurite)
{
    [Fact]
    [Trait("Host", "Any")]
    public async Task Only_the_last_two_runs_of_a_batch_leave_state()
    {
        const int Runs = 4;
        var (storage, hub) = (azurite.NewConnectionString(), azurite.NewConnectionString());
        await using var simulator = await SimulatorServer.StartAsync();
        var account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        await account.CreateContainersAsync(CancellationToken.None);
        await using var host = HostUnderTest.Start(storage, hub, simulator);
        for (var run = 1; run <= Runs; run++)
        {
            await account.Inbox.GetBlobClient($"diary/{run}.txt").UploadAsync(BinaryData.FromString($"Day {run}: rain again."));
            var count = run;
            await Eventually.IsAsync(
                $"the report of day {run}", async () => await LatestAsync() is { } report && report.Items.Count == count ? report : null,
                HostUnderTest.RestLimit);
        }

        var latest = (await LatestAsync())!.RunSeq;
        var state = $"{BatchName.Parse("diary").Key}/";
        await Eventually.IsAsync(
            "two runs with state",
            async () => await RunsUnderAsync(account.State, state) is var kept && kept.SequenceEqual([latest - 1, latest]) ? kept : null,
            HostUnderTest.RestLimit);
        Assert.Equal(Enumerable.Range(1, latest), await RunsUnderAsync(account.Results, "diary/runs/"));

        async Task<Report?> LatestAsync() => (await account.Results.ReadJsonAsync<Report>("diary/report.json", CancellationToken.None))?.Value;
    }

    private static async Task<IReadOnlyList<int>> RunsUnderAsync(BlobContainerClient container, string prefix)
    {
        var runs = new SortedSet<int>();
        await foreach (var blob in container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }))
        {
            // Beside the runs lie the names of what purged ones have cached.
            if (int.TryParse(blob.Name[prefix.Length..].Split('/')[0], CultureInfo.InvariantCulture, out var run)) runs.Add(run);
        }

        return [.. runs];
    }
}
