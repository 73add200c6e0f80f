using System.Globalization;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Wire;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Faults.Tests.Budgets;

/// <summary>Two processes that pay from one day's budget, and what is left of it when one of them is killed while it pays.</summary>
[Collection(SharedAzurite.Name)]
public sealed class DayBudgetTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const int Items = 50;
    private const int Affordable = 20;
    private const decimal InputUsd = 2.50m / 1_000_000;
    private const decimal OutputUsd = 10.00m / 1_000_000;

    private readonly string storage = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;
    private PipelineProcess here = null!;

    /// <summary>What a call for one of the pictures costs; all are of one size.</summary>
    private decimal cost;

    private decimal Budget => (Affordable + 1) * cost;

    private decimal Bill => simulator.Bill.Lines.Sum(l => (l.Usage.InputTokens * InputUsd) + (l.Usage.OutputTokens * OutputUsd));

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        here = new PipelineProcess(storage, simulator, ("Ai:Text:Engine", "Offline"));
        await here.Account.CreateContainersAsync(CancellationToken.None);
        await here.DropAsync("measure/a.jpg", TestImage.Jpeg(99));
        cost = (await here.RunAsync("measure")).Cost.SpentUsd;
        for (var i = 0; i < Items; i++) await here.DropAsync($"{(i < Items / 2 ? "left" : "right")}/{i:D2}.jpg", TestImage.Jpeg(100 + i));
    }

    public async Task DisposeAsync()
    {
        await here.DisposeAsync();
        await simulator.DisposeAsync();
    }

    [Fact]
    public async Task Fifty_items_in_two_processes_under_a_budget_for_twenty_pay_at_most_twenty()
    {
        await using var left = Start("left");
        await using var right = Start("right");
        Assert.All(await Task.WhenAll(left.EndAsync(), right.EndAsync()), exitCode => Assert.Equal(0, exitCode));

        var reports = new[] { await here.ReadReportAsync("left"), await here.ReadReportAsync("right") };
        var paid = simulator.Bill.Lines.Count - 1;

        // Not one less than the money was there for: what cautious estimates held back for a while was paid out in the end.
        var estimate = (await here.ReadLedgerAsync()).Max(l => l.EstimatedUsd)!.Value;
        Assert.InRange(paid, Affordable - (int)Math.Ceiling(estimate / cost) + 1, Affordable);
        Assert.Equal(paid, reports.Sum(r => r.Items.Count(i => i.Status == ItemStatus.Succeeded)));
        Assert.All(
            reports.SelectMany(r => r.Items).Where(i => i.Status != ItemStatus.Succeeded),
            i => Assert.Equal((ItemStatus.Skipped, "budget-exceeded"), (i.Status, i.Error?.Code)));
        var (settled, open) = await LedgerAsync(TimeProvider.System);
        Assert.Equal(0, open);
        Assert.Equal(Bill, settled);
        Assert.Equal(settled, cost + reports.Sum(r => r.Cost.SpentUsd));
    }

    [Fact]
    public async Task A_process_that_is_killed_while_it_pays_leaves_the_bill_between_settled_and_unknown_and_the_budget_holds()
    {
        // Long enough for the slower of the two to have started before the other one has its first answer.
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 20_000 }) { Kind = CallKind.Chat });
        await using var left = Start("left");
        await using (var right = Start("right"))
        {
            // Reserved by it, and not settled: it is killed while it waits for answers, and so does the other one.
            await Eventually.IsAsync("both wait for answers", async () =>
            {
                left.MustRun();
                right.MustRun();
                return (await OpenAsync("left")).Count > 0 && (await OpenAsync("right")).Count > 0 ? simulator : null;
            });
            await right.KillAsync();
        }

        simulator.Play();
        Assert.Equal(0, await left.EndAsync());
        var lost = await OpenAsync("right");
        Assert.NotEmpty(lost);
        await BillLiesBetweenAsync(TimeProvider.System);

        // What it had reserved is taken from the day until nobody can settle it any more, and counts as unknown from then on.
        var later = new FakeTimeProvider(DateTimeOffset.UtcNow + new PipelineOptions().StepTimeout + TimeSpan.FromMinutes(1));
        await BillLiesBetweenAsync(later);
        Assert.Equal(lost.Sum(l => l.EstimatedUsd), (await LedgerAsync(later)).Open);

        await using var again = Start("right");
        Assert.Equal(0, await again.EndAsync());
        await BillLiesBetweenAsync(TimeProvider.System);
        var reports = new[] { await here.ReadReportAsync("left"), await here.ReadReportAsync("right") };
        Assert.Equal(Items, reports.Sum(r => r.Items.Count));
        Assert.All(
            reports.SelectMany(r => r.Items),
            i => Assert.True(i.Status == ItemStatus.Succeeded || i.Error?.Code == "budget-exceeded", $"{i.Name}: {i.Status} {i.Error?.Code}"));
        var (settled, open) = await LedgerAsync(TimeProvider.System);
        Assert.Equal(settled, cost + reports.Sum(r => r.Cost.SpentUsd));
        Assert.Equal(open, reports.Sum(r => r.Cost.UnknownUsd));
    }

    private ChildProcess Start(string batch) =>
        OwnProgram.Start("pay", storage, simulator.Endpoint.ToString(), simulator.Key, batch, Budget.ToString(CultureInfo.InvariantCulture));

    private async Task BillLiesBetweenAsync(TimeProvider time)
    {
        var (settled, open) = await LedgerAsync(time);
        Assert.True(settled <= Bill, $"{settled} settled, {Bill} billed");
        Assert.True(Bill <= settled + open, $"{Bill} billed, {settled} settled, {open} open");
        Assert.True(settled + open <= Budget, $"{settled} settled, {open} open, {Budget} allowed");
    }

    private async Task<IReadOnlyList<LedgerEntry>> OpenAsync(string batch) =>
        [.. (await here.ReadLedgerAsync()).Where(l => l.Batch == batch && l.State is LedgerState.Reserved or LedgerState.Unknown)];

    /// <summary>Sums of what is settled, and of the estimates of what is not, as seen at a time.</summary>
    private async Task<(decimal Settled, decimal Open)> LedgerAsync(TimeProvider time)
    {
        var total =
            (await azurite.NewLedger(time, account: storage)
                .SumAsync(DateOnly.MinValue, DateOnly.MaxValue, CostGrouping.Day, CancellationToken.None)).Total;
        return (total.SpentUsd, total.UnknownUsd + total.ReservedUsd);
    }
}
