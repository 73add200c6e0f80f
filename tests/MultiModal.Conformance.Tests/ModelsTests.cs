using System.Text;

namespace MultiModal.Conformance.Tests;

/// <summary>Who is asked where the first model fails, and at which tier.</summary>
public sealed class ModelsTests : ConformanceTest
{
    private readonly SimulatorClient simulator = new();

    public override async Task DisposeAsync()
    {
        await simulator.DelayAsync(0);
        simulator.Dispose();
        await base.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_model_that_fails_is_stood_in_for_by_its_fallback_and_nothing_is_paid_again()
    {
        await simulator.FailAsync("gpt-4o");
        var batch = NewBatch();
        var first = await RunAsync(batch, ("a.png", Png.Noise()), ("b.png", Png.Noise()));
        await simulator.DelayAsync(0);
        var before = await simulator.CallsAsync();
        var second = await Host.RunAgainAsync(batch);

        foreach (var name in new[] { "a.png", "b.png" })
        {
            Assert.Equal("succeeded", first.Item(name).Status());
            var look = first.Item(name).GetProperty("steps").EnumerateArray().Single(step => step.GetProperty("step").GetString() == "analyze-image");
            Assert.Equal(
                ("AzureOpenAI", "gpt-4.1-mini", true),
                (look.GetProperty("provider").GetString(), look.GetProperty("model").GetString(), look.GetProperty("fallback").GetBoolean()));
        }

        Assert.Equal(before, await simulator.CallsAsync());
        Assert.Equal(0, second.Spent());
    }

    [SkippableFact]
    public async Task A_batch_with_patience_is_synthesized_at_flex_for_half_the_price()
    {
        var batch = NewBatch();
        await DropAsync(batch, "batch.json", """{"patience": "flex", "instructions": "minutes of a meeting"}""");
        var before = await simulator.CallsAsync();
        var report = await RunAsync(batch, ("note.txt", Encoding.UTF8.GetBytes(NewText())));

        Assert.Equal("flex", report.GetProperty("options").GetProperty("patience").GetString());
        Assert.Equal("AzureOpenAI/gpt-5.6-sol", report.GetProperty("synthesis").GetProperty("engine").GetString());
        var line = Assert.Single(await simulator.BillSinceAsync(before));
        Assert.Equal(("flex", report.Spent()), (line.GetProperty("tier").GetString(), line.GetProperty("usd").GetDecimal()));
    }
}
