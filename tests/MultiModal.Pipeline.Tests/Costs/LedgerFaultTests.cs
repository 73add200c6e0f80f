using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Tests.Costs;

/// <summary>The ledger while storage fails between it and its table.</summary>
[Collection(SharedAzurite.Name)]
public sealed class LedgerFaultTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly EngineIdentity Engine = new("AzureOpenAI", "gpt-4o", "1", "gpt-4o");
    private static readonly RunReference Run = new(BatchName.Parse("album"), 1);
    private static readonly BudgetOptions Budget = new() { PerRunUsd = 0.02m, PerDayUsd = 0.02m };

    private readonly string account = azurite.NewConnectionString();
    private readonly SettableClock time = new(Noon);
    private StorageProxy proxy = null!;

    public async Task InitializeAsync() => proxy = await StorageProxy.StartAsync(account);

    public async Task DisposeAsync() => await proxy.DisposeAsync();

    /// <summary>The run's budget, the day's, and the line itself, in the order in which they are written.</summary>
    [Theory]
    [InlineData("run-")]
    [InlineData("day-")]
    [InlineData("/costs")]
    public async Task A_reservation_that_storage_refuses_leaves_the_budgets_as_they_were(string write)
    {
        var ledger = Ledger(Budget);
        var settled = await ReserveAsync(ledger, 0.02m);
        await ledger.SettleAsync(settled.Value, new Usage(1), 0, 0, 0);

        Fail(StorageFaultKind.InternalError, r => r.IsWrite && (write == "/costs" ? r.Method == "POST" : r.Touches($"RowKey='{write}")));
        await Assert.ThrowsAsync<RequestFailedException>(() => ReserveAsync(ledger, 0.02m));
        proxy.Plan = StorageFaultPlan.None;
        Assert.True((await ReserveAsync(Ledger(Budget), 0.02m)).Succeeded);
        Assert.Equal([LedgerState.Settled, LedgerState.Reserved], (await LinesAsync()).Select(l => l.State));
    }

    [Fact]
    public async Task What_storage_does_not_take_back_stays_reserved()
    {
        var ledger = Ledger(Budget);
        Assert.True((await ReserveAsync(ledger, 0.01m)).Succeeded);
        Fail(StorageFaultKind.InternalError, r => r.Method is "POST" or "DELETE");
        await Assert.ThrowsAsync<RequestFailedException>(() => ReserveAsync(ledger, 0.01m));
        proxy.Plan = StorageFaultPlan.None;
        Assert.Equal(FailureCodes.BudgetExceeded, (await ReserveAsync(Ledger(Budget), 0.01m)).Failure?.Code);
    }

    [Fact]
    public async Task What_a_settled_call_could_not_give_back_is_waited_for_no_longer_than_fifteen_seconds()
    {
        var ledger = Ledger(Budget);
        var settled = await ReserveAsync(ledger, 0.02m);
        Fail(StorageFaultKind.InternalError, r => r.Touches("RowKey='run-"));
        await Assert.ThrowsAsync<RequestFailedException>(() => ledger.SettleAsync(settled.Value, new Usage(1), 0.001m, 0, 0));
        proxy.Plan = StorageFaultPlan.None;
        time.Advance(TimeSpan.FromSeconds(15));
        var waiting = ReserveAsync(azurite.NewLedger(time, Budget, account, patience: 600), 0.01m);
        Assert.Equal(FailureCodes.BudgetExceeded, (await waiting.WaitAsync(TimeSpan.FromMinutes(1))).Failure?.Code);
    }

    [Fact]
    public async Task A_line_that_was_written_and_whose_answer_was_lost_is_the_reservation()
    {
        var ledger = Ledger(retries: 2);
        await ReserveAsync(ledger, 0.01m);
        Fail(StorageFaultKind.AnswerLost, r => r.Method == "POST" && !r.Touches("$batch"), first: 2);
        var reserved = await ReserveAsync(ledger, 0.02m);
        await ledger.SettleAsync(reserved.Value, new Usage(1), 0.002m, 0, 0);
        Assert.Equal([(LedgerState.Reserved, null), (LedgerState.Settled, 0.002m)], (await LinesAsync()).Select(l => (l.State, l.CostUsd)));
    }

    [Fact]
    public async Task A_settlement_that_was_written_and_whose_answer_was_lost_is_made_once()
    {
        var ledger = Ledger(Budget, retries: 2);
        var reserved = await ReserveAsync(ledger, 0.02m);
        Fail(StorageFaultKind.AnswerLost, r => r.Touches("$batch"), first: 1);
        await ledger.SettleAsync(reserved.Value, new Usage(1), 0.01m, 0, lostAttempts: 0);
        Assert.Equal((LedgerState.Settled, 0.01m), (await LinesAsync()).Select(l => (l.State, l.CostUsd!.Value)).Single());
        Assert.True((await ReserveAsync(Ledger(Budget), 0.01m)).Succeeded);
    }

    [Fact]
    public async Task A_settlement_that_is_refused_although_its_line_is_unchanged_is_sent_again()
    {
        var ledger = Ledger(retries: 2);
        var reserved = await ReserveAsync(ledger, 0.02m);
        var refused = 0;
        proxy.Plan = StorageFaultPlan.None;
        Fail(StorageFaultKind.Busy, r => r.Touches("$batch") && Interlocked.Increment(ref refused) <= 2);
        await ledger.SettleAsync(reserved.Value, new Usage(1), 0.01m, 0, lostAttempts: 0);
        Assert.Equal(LedgerState.Settled, (await LinesAsync()).Single().State);
    }

    [Fact]
    public async Task A_budget_that_was_written_and_whose_answer_was_lost_is_not_taken_twice()
    {
        var ledger = Ledger(Budget, retries: 2);
        Assert.True((await ReserveAsync(ledger, 0.005m)).Succeeded);
        Fail(StorageFaultKind.AnswerLost, r => r.Method == "PUT" && r.Touches("RowKey='run-"), first: 2);
        Assert.True((await ReserveAsync(ledger, 0.005m)).Succeeded);
        Assert.Equal(0.01m, await CommittedAsync("run-"));
    }

    [Fact]
    public async Task The_first_write_of_a_budget_whose_answer_was_lost_is_not_taken_twice()
    {
        await ReserveAsync(Ledger(), 0);
        var ledger = Ledger(Budget, retries: 2);
        var posts = 0;
        Fail(StorageFaultKind.AnswerLost, r => r.Method == "POST" && Interlocked.Increment(ref posts) == 2);
        Assert.True((await ReserveAsync(ledger, 0.005m)).Succeeded);
        Assert.Equal(0.005m, await CommittedAsync("day-"));
    }

    private void Fail(StorageFaultKind kind, Func<ProxiedRequest, bool> only, int? first = null) =>
        proxy.Plan = new StorageFaultPlan(1, 1, kind) { Only = only, First = first };

    private CostLedger Ledger(BudgetOptions? budget = null, int retries = 0)
    {
        var options = new TableClientOptions { Retry = { MaxRetries = retries, Delay = TimeSpan.FromMilliseconds(1), Mode = RetryMode.Fixed } };
        return new CostLedger(
            new TableServiceClient(proxy.ConnectionString, options), Options.Create(budget ?? new BudgetOptions()),
            Options.Create(new PipelineOptions()), Options.Create(new AiOptions { TimeoutSeconds = 0 }), time);
    }

    private static Task<Outcome<Reservation>> ReserveAsync(CostLedger ledger, decimal usd) =>
        ledger.ReserveAsync(Run, StepNames.AnalyzeImage, Engine, usd, priceAssumed: false, CancellationToken.None);

    private async Task<List<LedgerEntry>> LinesAsync() =>
        await azurite.NewLedger(time, account: account).ReadRunAsync(Run, Noon, CancellationToken.None).ToListAsync();

    /// <summary>What a budget holds as committed, in USD.</summary>
    private async Task<decimal> CommittedAsync(string budget)
    {
        var table = new TableServiceClient(account).GetTableClient(CostLedger.TableName);
        var rows = await table.QueryAsync<TableEntity>("PartitionKey eq 'budget'").ToListAsync();
        var row = rows.Single(r => r.RowKey.StartsWith(budget, StringComparison.Ordinal));
        return decimal.Parse(row.GetString("CommittedUsd"), CultureInfo.InvariantCulture);
    }
}
