using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Estimates;

namespace MultiModal.Pipeline.Tests.Costs;

/// <summary>Whole runs at <c>service_tier: flex</c>.</summary>
[Collection(SharedAzurite.Name)]
public sealed class FlexRunTests(AzuriteFixture azurite)
{
    private static readonly (string, string)[] Settings =
        [("Ai:Vision:Deployment", "gpt-5.6-sol"), ("Ai:Text:Engine", "Off"), ("Ai:FlexPatienceSeconds", "1")];

    [Fact]
    public async Task Two_hundred_items_of_which_a_third_lack_capacity_for_flex_are_all_answered_and_paid_by_their_tier()
    {
        const int items = 200;
        var storage = azurite.NewConnectionString();
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Script = new Script(
            [
                new(new Fault(FaultKind.ResourceUnavailable) { RetryAfterSeconds = 2 }) { Tier = ServiceTier.Flex, Probability = 0.05 },
                new(new Fault(FaultKind.ResourceUnavailable) { RetryAfterSeconds = 0 }) { Tier = ServiceTier.Flex, Probability = 0.2 },
                new(new Fault(FaultKind.ServerError) { Status = 408, RetryAfterSeconds = 0 }) { Tier = ServiceTier.Flex, Probability = 0.08 },
            ],
            Seed: 7);
        await using var process = new PipelineProcess(storage, simulator, [.. Settings, ("Ai:ServiceTier", "Flex")]);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await Parallel.ForAsync(0, items, async (i, _) => await process.DropAsync($"album/{i:000}.jpg", TestImage.Jpeg(i, 48, 32)));
        var report = await process.RunAsync("album");

        Assert.Equal((RunStatus.Succeeded, items), (report.Status, report.Items.Count));
        Assert.Equal(items, simulator.Bill.Lines.Count);
        Assert.InRange(simulator.Bill.Lines.Count(line => line.Tier == ServiceTier.Flex), 1, items - 1);
        var ledger = await process.ReadLedgerAsync();
        Assert.All(ledger, line => Assert.Equal(LedgerState.Settled, line.State));
        Assert.Equal(
            simulator.Bill.Lines.Select(line => (line.Tier == ServiceTier.Flex ? "flex" : null, (long)line.Usage.InputTokens, line.Usd)).Order(),
            ledger.Select(line => (line.Usage.Tier, line.Usage.InputTokens, line.CostUsd)).Order());
        Assert.Equal(simulator.Bill.Usd, report.Cost.SpentUsd);
        Assert.All(ledger, line => Assert.True(line.EstimatedUsd >= line.CostUsd * (line.Usage.Tier == "flex" ? 2 : 1)));

        var calls = simulator.Requests.Count;
        await using var plainly = new PipelineProcess(storage, simulator, Settings);
        var again = await plainly.RunAsync("album", 2);
        Assert.Equal((0m, calls), (again.Cost.SpentUsd, simulator.Requests.Count));
    }

    [Fact]
    public async Task A_batch_has_flex_where_the_host_allows_it_and_a_note_where_it_does_not()
    {
        var storage = azurite.NewConnectionString();
        await using var simulator = await SimulatorServer.StartAsync();
        await using var strict = new PipelineProcess(storage, simulator, Settings);
        await using var patient = new PipelineProcess(storage, simulator, [.. Settings, ("Ai:AllowPatience", "true")]);
        await strict.Account.CreateContainersAsync(CancellationToken.None);
        foreach (var batch in new[] { "one", "other" }) await strict.DropAsync($"{batch}/batch.json", """{"patience": "flex"}""");
        await strict.DropAsync("one/a.jpg", TestImage.Jpeg(1));
        await strict.DropAsync("other/b.jpg", TestImage.Jpeg(2));

        var plain = await strict.RunAsync("one");
        var estimates = new List<PriceRange>();
        foreach (var process in new[] { strict, patient })
            estimates.Add((await process.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("other"), CancellationToken.None)).Value.Total);
        var half = await patient.RunAsync("other");

        Assert.EndsWith("This host does not allow it (Ai:AllowPatience).", Assert.Single(plain.Notes), StringComparison.Ordinal);
        Assert.Empty(half.Notes);
        Assert.Equal([ServiceTier.Default, ServiceTier.Flex], simulator.Bill.Lines.Select(line => line.Tier));
        Assert.Equal(simulator.Bill.Usd, plain.Cost.SpentUsd + half.Cost.SpentUsd);
        Assert.Equal(new PriceRange(estimates[0].LeastUsd / 2, estimates[0].ExpectedUsd / 2, estimates[0].MostUsd), estimates[1]);
    }
}
