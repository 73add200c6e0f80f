using MultiModal.Functions.Runs;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;

namespace MultiModal.Functions.Tests.Runs;

/// <summary>
/// Beside the other tests, because the task hub in memory takes up ten orchestrations and ten steps at a time and then pauses for half a second:
/// minutes of waiting.
/// </summary>
public sealed class LargeRunTests
{
    [Fact]
    public async Task One_thousand_items_run_in_slices_each_step_once_and_one_poisoned_item_fails_alone()
    {
        var kinds = Enumerable.Range(0, 1000).Select(i => (ItemKind?)(i % 10 == 0 ? ItemKind.Image : ItemKind.Text)).ToArray();
        var steps = new ScriptedSteps(
            kinds) { Faults = { ["optimize-image 500.0"] = [new InvalidOperationException("Poison.")] }, BreaksForEver = true };
        await using var host = await RunHost.StartAsync(steps);

        Assert.NotNull(await host.RunAsync(new RunReference(BatchName.Parse("holiday"), 7)));
        Assert.All(steps.Calls.Values, times => Assert.Equal(1, times));
        Assert.Equal(100, steps.Calls.Keys.Count(c => c.StartsWith("optimize-image ", StringComparison.Ordinal)));
        Assert.Equal(99, steps.Calls.Keys.Count(c => c.StartsWith("analyze-image ", StringComparison.Ordinal)));
        Assert.Equal(900, steps.Calls.Keys.Count(c => c.StartsWith("read-text ", StringComparison.Ordinal)));
        Assert.Equal(new RunProgress(1000, 20, 20), host.Status);
    }
}
