using AzureOpenAISimulator;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Faults.Tests.Budgets;

/// <summary>A process that slept through the end of its run, and settles its call when it wakes.</summary>
[Collection(SharedAzurite.Name)]
public sealed class LateSettlementTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const decimal Estimate = 0.0123m;

    private static readonly BatchName Batch = BatchName.Parse("album");

    private readonly string storage = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;
    private PipelineProcess process = null!;

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        process = new PipelineProcess(storage, simulator);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("album/a.jpg", TestImage.Jpeg(1));
    }

    public async Task DisposeAsync()
    {
        await process.DisposeAsync();
        await simulator.DisposeAsync();
    }

    [Fact]
    public async Task A_call_that_is_settled_after_its_runs_report_is_unknown_in_the_report_and_settled_in_the_ledger()
    {
        var (vision, ledger) = (process.Get<EngineSet>().Vision!, process.Get<CostLedger>());
        var slept = (await ledger.ReserveAsync(
            new RunReference(Batch, 1), StepNames.AnalyzeImage, vision.Identity, Estimate, priceAssumed: false, CancellationToken.None)).Value;
        var answer = await vision.AnalyzeAsync(new VisionRequest(TestImage.Jpeg(2), "image/jpeg", 320, 240), CancellationToken.None);
        var report = await process.RunAsync("album");
        await ledger.SettleAsync(slept, answer.Usage, 0.001m, 0, lostAttempts: 0);

        await new Invariants(storage, simulator).HoldAsync([Batch]);
        Assert.Equal(Estimate, report.Cost.UnknownUsd);
        var lines = await process.ReadLedgerAsync();
        Assert.All(lines, l => Assert.Equal(LedgerState.Settled, l.State));
        Assert.Equal(report.Cost.SpentUsd + 0.001m, lines.Sum(l => l.CostUsd));
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(-0.001)]
    public async Task A_report_that_names_another_sum_than_the_ledger_is_noticed(decimal difference)
    {
        var report = await process.RunAsync("album");
        var invariants = new Invariants(storage, simulator);
        await invariants.HoldAsync([Batch]);
        var other = report with { Cost = report.Cost with { SpentUsd = report.Cost.SpentUsd + difference } };
        await process.Account.Results.WriteJsonAsync("album/runs/1/report.json", other, metadata: null, CancellationToken.None);
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => invariants.HoldAsync([Batch]));
    }
}
