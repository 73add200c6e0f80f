using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Tests.Wire;
using AzureOpenAISimulator.Wire;
using Microsoft.Extensions.Time.Testing;

namespace AzureOpenAISimulator.Tests.Recording;

public sealed class GaugeTests
{
    [Fact]
    public async Task Calls_at_the_same_time_are_counted_together()
    {
        var time = new FakeTimeProvider();
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Time = time });
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 1000 }));
        var calls = Task.WhenAll(Enumerable.Range(0, 5).Select(_ => simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"))));
        await Eventually.IsTrueAsync("five lines on the bill", () => simulator.Bill.Lines.Count == 5);

        await Eventually.IsTrueAsync("the end of all calls", () => calls.IsCompleted, () => time.Advance(TimeSpan.FromSeconds(1)));

        Assert.All(await calls, reply => Assert.Equal(200, reply.Status));
        Assert.Equal((5, 5, 0), (simulator.Gauge.Peak, simulator.Gauge.PeakOf(CallKind.Chat), simulator.Gauge.PeakOf(CallKind.Transcription)));
    }

    [Fact]
    public async Task A_caller_who_takes_turns_never_overlaps_itself()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        for (var call = 0; call < 100; call++) await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"));
        Assert.Equal((1, 100), (simulator.Gauge.Peak, simulator.Gauge.CountOf(CallKind.Chat)));
        Assert.All(simulator.Bill.Lines, line => Assert.True(line.Delivered));
    }
}
