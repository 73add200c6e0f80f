using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;

namespace MultiModal.Pipeline.Tests.Costs;

/// <summary>
/// Whole runs against a budget, and after a process that died in the middle of its calls; two real processes and a real kill are in
/// MultiModal.Faults.Tests.
/// </summary>
[Collection(SharedAzurite.Name)]
public sealed class BudgetTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const decimal InputUsd = 2.50m / 1_000_000;
    private const decimal OutputUsd = 10.00m / 1_000_000;

    private readonly string storage = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;

    public async Task InitializeAsync() => simulator = await SimulatorServer.StartAsync();

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    private decimal Bill => simulator.Bill.Lines.Sum(l => (l.Usage.InputTokens * InputUsd) + (l.Usage.OutputTokens * OutputUsd));

    [Fact]
    public async Task Raising_the_budget_and_starting_again_pays_for_what_was_left_out_alone()
    {
        var (estimate, cost) = await OneCallAsync();
        await using var tight = Process(("Budget:PerRunUsd", Usd(estimate + (3 * cost))), ("Pipeline:MaxParallelSteps", "1"));
        for (var i = 0; i < 10; i++) await tight.DropAsync($"ten/{i:D2}.jpg", TestImage.Jpeg(200 + i));
        var first = await tight.RunAsync("ten", 1);
        var done = first.Items.Count(i => i.Status == ItemStatus.Succeeded);
        Assert.InRange(done, 1, 9);
        Assert.Contains(
            "budget", (await tight.Account.Results.GetBlobClient("ten/report.md").DownloadContentAsync()).Value.Content.ToString(),
            StringComparison.Ordinal);

        await using var raised = Process(("Budget:PerRunUsd", "1"));
        var already = simulator.Bill.Lines.Count;
        var second = await raised.RunAsync("ten", 2, RunScope.Failed);
        Assert.Equal(RunStatus.Succeeded, second.Status);
        Assert.Equal(0, second.Cost.LeftOut);
        Assert.Equal(10 - done, simulator.Bill.Lines.Count - already);
    }

    [Fact]
    public async Task A_cached_answer_needs_no_budget()
    {
        await using var rich = Process();
        await rich.Account.CreateContainersAsync(CancellationToken.None);
        await rich.DropAsync("known/a.jpg", TestImage.Jpeg(300));
        await rich.RunAsync("known", 1);
        await using var broke = Process(("Budget:PerRunUsd", "0"));
        await broke.DropAsync("known/b.txt", "A note that costs nothing to read.");
        await broke.DropAsync("known/c.jpg", TestImage.Jpeg(301));
        var report = await broke.RunAsync("known", 2);
        Assert.Equal([ItemStatus.Succeeded, ItemStatus.Succeeded, ItemStatus.Skipped], report.Items.Select(i => i.Status));
        Assert.NotNull(report.Synthesis);
        Assert.Equal(RunStatus.PartiallySucceeded, report.Status);
    }

    [Fact]
    public async Task A_process_that_dies_in_the_middle_of_its_calls_leaves_them_unknown_and_the_budget_holds()
    {
        var (estimate, _) = await OneCallAsync();
        var budget = 30 * estimate;
        for (var i = 0; i < 12; i++) await DropAsync($"crash/{i:D2}.jpg", TestImage.Jpeg(400 + i));
        var run = new RunReference(BatchName.Parse("crash"), 1);

        // Five calls reserved, three of them made and billed; then the process is no more, and settles none.
        await using (var dying = Process(("Budget:PerDayUsd", Usd(budget))))
        {
            await dying.Activities.RunAsync(TakeInventoryStep.Definition, run, CancellationToken.None);
            var vision = dying.Get<EngineSet>().Vision!;
            for (var i = 0; i < 5; i++)
            {
                Assert.True(
                    (await dying.Get<CostLedger>()
                        .ReserveAsync(
                            run, StepNames.AnalyzeImage, vision.Identity, estimate, priceAssumed: false, CancellationToken.None)).Succeeded);
                if (i < 3) await vision.AnalyzeAsync(new VisionRequest(TestImage.Jpeg(400 + i), "image/jpeg", 320, 240), CancellationToken.None);
            }
        }

        await using var resumed = Process(("Budget:PerDayUsd", Usd(budget)));
        var report = await resumed.RunAsync("crash");
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.Equal(5 * estimate, report.Cost.UnknownUsd);

        var lines = await resumed.ReadLedgerAsync();
        var settled = lines.Where(l => l.State == LedgerState.Settled).Sum(l => l.CostUsd ?? 0);
        var unknown = lines.Where(l => l.State is LedgerState.Reserved or LedgerState.Unknown).Sum(l => l.EstimatedUsd ?? 0);
        Assert.True(settled <= Bill, $"{settled} settled, {Bill} billed");
        Assert.True(Bill <= settled + unknown, $"{Bill} billed, {settled} settled, {unknown} unknown");
        Assert.True(Bill <= budget);
        await AssertLedgerAgreesAsync(resumed, [report, await resumed.ReadReportAsync("measure")]);
    }

    [Fact]
    public async Task A_call_that_is_given_up_while_it_is_made_is_unknown_at_once()
    {
        var (estimate, _) = await OneCallAsync();
        await using var process = Process();
        await process.DropAsync("stopped/a.jpg", TestImage.Jpeg(600));
        var item = new ItemReference(new RunReference(BatchName.Parse("stopped"), 1), 0);
        await process.Activities.RunAsync(TakeInventoryStep.Definition, item.Run, CancellationToken.None);
        await process.Activities.RunAsync(OptimizeImageStep.Definition, item, CancellationToken.None);
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 600_000 }) { Kind = CallKind.Chat });
        using var stop = new CancellationTokenSource();
        var asking = process.Activities.RunAsync(AnalyzeImageStep.Definition, item, stop.Token);
        await Eventually.IsTrueAsync("two answers on the bill", () => simulator.Bill.Lines.Count == 2);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal([LedgerState.Settled, LedgerState.Unknown], (await process.ReadLedgerAsync()).Select(l => l.State));
        Assert.Equal(estimate, (await process.ReadLedgerAsync())[1].EstimatedUsd);
    }

    [Theory]
    [InlineData(FaultKind.AnswerLost)]
    [InlineData(FaultKind.ResetDuringAnswer)]
    [InlineData(FaultKind.ResetBeforeAnswer)]
    [InlineData(FaultKind.TruncatedBody)]
    [InlineData(FaultKind.NoUsage)]
    [InlineData(FaultKind.NotJson)]
    [InlineData(FaultKind.ServerError)]
    public async Task The_bill_lies_between_what_is_settled_and_what_may_be(FaultKind fault)
    {
        await using var process = Process(("Ai:MaxRetryDelaySeconds", "1"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        simulator.Play(new ScriptRule(new Fault(fault)) { Kind = CallKind.Chat, Nth = 1 });
        await process.DropAsync("lost/a.jpg", TestImage.Jpeg(500));
        var report = await process.RunAsync("lost");
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.True(report.Cost.SpentUsd <= Bill, $"{report.Cost.SpentUsd} spent, {Bill} billed");
        Assert.True(
            Bill <= report.Cost.SpentUsd + report.Cost.UnknownUsd, $"{Bill} billed, {report.Cost.SpentUsd} spent, {report.Cost.UnknownUsd} unknown");
        Assert.Equal(fault is not (FaultKind.NotJson or FaultKind.ServerError), report.Cost.UnknownUsd > 0);
    }

    private PipelineProcess Process(params (string Key, string Value)[] settings) =>
        new(storage, simulator, [("Ai:Text:Engine", "Offline"), .. settings]);

    private async Task DropAsync(string name, byte[] content)
    {
        await using var process = Process();
        await process.DropAsync(name, content);
    }

    /// <summary>What a call for one of these images is estimated at, and what it costs.</summary>
    private async Task<(decimal Estimate, decimal Cost)> OneCallAsync()
    {
        await using var process = Process();
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("measure/a.jpg", TestImage.Jpeg(99));
        await process.RunAsync("measure");
        var line = Assert.Single(await process.ReadLedgerAsync());
        return (line.EstimatedUsd!.Value, line.CostUsd!.Value);
    }

    private static async Task AssertLedgerAgreesAsync(PipelineProcess process, IReadOnlyList<Report> reports)
    {
        var lines = await process.ReadLedgerAsync();
        Assert.Equal(reports.Sum(r => r.Cost.SpentUsd), lines.Where(l => l.State == LedgerState.Settled).Sum(l => l.CostUsd));
        Assert.Equal(reports.Sum(r => r.Cost.SavedByOptimizingUsd), lines.Sum(l => l.SavedByOptimizingUsd));
    }

    private static string Usd(decimal amount) => amount.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
