using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;

namespace MultiModal.LocalHost.Tests;

/// <summary>The time of day is set while a host works, as by a first contact with a time server.</summary>
[Collection(SharedAzurite.Name)]
public sealed class ClockTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Setting_the_clock_delays_no_batch(int hours)
    {
        // Once while a batch waits for quiet, once while everybody waits for a provider that asked to be left alone.
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.TooManyRequests) { RetryAfterMs = 3000 }) { First = 1 });
        var clock = new SettableClock();
        await using var host = await RunningHost.StartAsync(
            clock, azurite.NewConnectionString(), simulator, "Pipeline:QuietPeriod=00:00:02", "LocalHost:SweepInterval=00:00:05");
        await host.Account.Inbox.GetBlobClient("album/a.jpg").UploadAsync(new BinaryData(TestImage.Jpeg(1)));
        await host.InAsync(BatchPhase.Quiet, "album");
        clock.Set(TimeSpan.FromHours(hours));
        await Eventually.IsAsync("a refused call", () => Task.FromResult(simulator.Requests.Count >= 1 ? simulator : null));
        clock.Set(TimeSpan.FromHours(3 * hours));

        await host.RestedAsync("album");
        Assert.Equal(ItemStatus.Succeeded, Assert.Single((await host.ReportAsync("album")).Items).Status);

        // Sweeps find what no event told of, at their own pace still.
        await host.Account.Inbox.GetBlobClient("later/b.txt").UploadAsync(BinaryData.FromString("The pump was delivered."));
        await host.RestedAsync("later");
    }
}
