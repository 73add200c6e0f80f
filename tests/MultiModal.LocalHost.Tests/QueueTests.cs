using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using MultiModal.LocalHost.Running;
using MultiModal.Pipeline.Batches;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class QueueTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_file_dropped_while_a_run_waits_its_turn_is_in_that_run()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 3000 }) { First = 1 });
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString(), simulator, "LocalHost:MaxParallelRuns=1");
        await host.Account.Inbox.GetBlobClient("slow/a.jpg").UploadAsync(new BinaryData(TestImage.Jpeg(1)));
        await Eventually.IsAsync("a call under way", () => Task.FromResult(simulator.Requests.Count >= 1 ? simulator : null));
        await host.DropAsync("waiting/a.txt", "The ferry leaves at noon.");
        await host.InAsync(BatchPhase.Running, "waiting");
        await host.DropAsync("waiting/b.txt", "It returns at six.");

        var state = await host.RestedAsync("waiting");
        Assert.Equal(1, state.RunSeq);
        Assert.Equal(["a.txt", "b.txt"], (await host.ReportAsync("waiting")).Items.Select(i => i.Name).Order());
    }

    [Fact]
    public async Task A_waiting_run_will_look_at_its_batch_unless_it_has_done_so_before()
    {
        var queue = new RunQueue();
        var (anew, resumed) = (new RunReference(BatchName.Parse("anew"), 1), new RunReference(BatchName.Parse("resumed"), 7));
        queue.Add(anew, hasLooked: false);
        queue.Add(resumed, hasLooked: true);
        Assert.True(queue.WillLook(anew.Batch));
        Assert.False(queue.WillLook(resumed.Batch));

        await using var turns = queue.TakeAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await turns.MoveNextAsync());
        Assert.Equal(anew, turns.Current);
        Assert.False(queue.WillLook(anew.Batch));
        Assert.True(queue.Contains(anew.Batch, anew.RunSeq));
    }
}
