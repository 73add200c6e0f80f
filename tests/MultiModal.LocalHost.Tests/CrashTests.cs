using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class CrashTests(AzuriteFixture azurite)
{
    private const int Items = 20;
    private const int Concurrency = 2;

    [Fact]
    public async Task A_host_that_is_killed_in_the_middle_of_a_batch_goes_on_where_it_was()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 400 }));
        var storage = azurite.NewConnectionString();
        var settings = RunningHost.Settings(storage, simulator, $"Ai:MaxConcurrency={Concurrency}");
        var account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        await account.CreateContainersAsync(CancellationToken.None);
        for (var item = 0; item < Items; item++)
        {
            await account.Inbox.GetBlobClient($"album/{item:D2}.jpg").UploadAsync(new BinaryData(TestImage.Jpeg(item)));
        }

        await using (var first = LocalHostProgram.Start(["serve"], settings))
        {
            await Eventually.IsAsync("six items looked at", () => Task.FromResult(simulator.Bill.Lines.Count >= 6 ? simulator : null));
            await first.KillAsync();
        }

        var batches = new BatchStore(account);
        var batch = BatchName.Parse("album");
        Assert.Equal(BatchPhase.Running, (await batches.ReadAsync(batch, CancellationToken.None))!.Value.Phase);
        Assert.True(simulator.Bill.Lines.Count < Items);

        await using var second = LocalHostProgram.Start(["serve"], settings);
        var state = await Eventually.IsAsync("the batch at rest", async () =>
            (await batches.ReadAsync(batch, CancellationToken.None))?.Value is { Phase: BatchPhase.Resting } resting ? resting : null);
        Assert.Equal((1, RunStatus.Succeeded), (state.RunSeq, state.LastStatus));
        var report = await account.Results.ReadJsonAsync<Report>("album/report.json", CancellationToken.None);
        Assert.Equal(Items, report!.Value.Items.Count(i => i.Status == ItemStatus.Succeeded));

        // Only what was on its way at that moment is asked again: its answer went to the dead process.
        Assert.InRange(simulator.Bill.PaidTwice().Count, 0, Concurrency);
    }
}
