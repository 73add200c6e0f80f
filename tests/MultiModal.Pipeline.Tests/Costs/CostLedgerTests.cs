using System.Collections.Concurrent;
using System.Globalization;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Tests.Costs;

[Collection(SharedAzurite.Name)]
public sealed class CostLedgerTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Day = new(2026, 3, 1);
    private static readonly EngineIdentity Engine = new("AzureOpenAI", "gpt-4o", "1", "gpt-4o");

    private readonly string account = azurite.NewConnectionString();
    private readonly SettableClock time = new(Noon);

    [Fact]
    public async Task A_call_is_reserved_before_and_settled_after()
    {
        var ledger = Ledger();
        var reserved = await ReserveAsync(ledger, "a", 0.01m);
        Assert.Equal((LedgerState.Reserved, 0.01m, null), One(await LinesAsync(ledger)));
        await ledger.SettleAsync(reserved.Value, new Usage(100, 0, 10), 0.0004m, 0.002m, lostAttempts: 0);
        var line = Assert.Single(await LinesAsync(ledger));
        Assert.Equal((LedgerState.Settled, 0.0004m, 0.002m, 100), (line.State, line.CostUsd, line.SavedByOptimizingUsd, line.Usage.InputTokens));
    }

    [Fact]
    public async Task An_unsettled_reservation_is_unknown_once_it_expires()
    {
        var ledger = Ledger();
        await ReserveAsync(ledger, "a", 0.01m);
        time.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(LedgerState.Reserved, (await LinesAsync(ledger)).Single().State);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((LedgerState.Unknown, 0.01m, null), One(await LinesAsync(ledger)));
    }

    [Fact]
    public async Task A_late_answer_settles_its_own_line_all_the_same()
    {
        var ledger = Ledger();
        var late = await ReserveAsync(ledger, "a", 0.01m);
        time.Advance(TimeSpan.FromHours(13));
        await ReserveAsync(ledger, "a", 0.01m);
        await ledger.SettleAsync(late.Value, new Usage(1), 0.001m, 0, 0);
        Assert.Equal([LedgerState.Settled, LedgerState.Reserved], (await LinesAsync(ledger)).Select(l => l.State));
    }

    [Fact]
    public async Task An_attempt_whose_answer_was_lost_stays_beside_the_one_that_was_answered()
    {
        var ledger = Ledger(new BudgetOptions { PerRunUsd = 0.025m });
        var reserved = await ReserveAsync(ledger, "a", 0.01m);
        await ledger.SettleAsync(reserved.Value, new Usage(1), 0.004m, 0, lostAttempts: 1);
        Assert.Equal(
            [(LedgerState.Settled, 0.004m), (LedgerState.Unknown, 0.01m)],
            (await LinesAsync(ledger)).Select(l => (l.State, l.CostUsd ?? l.EstimatedUsd!.Value)));

        // 0.014 of 0.025 are gone: one more call of 0.01 goes, a second one does not.
        Assert.True((await ReserveAsync(ledger, "a", 0.01m)).Succeeded);
        Assert.Equal(FailureCodes.BudgetExceeded, (await ReserveAsync(ledger, "a", 0.01m)).Failure?.Code);
    }

    [Fact]
    public async Task Callers_in_many_processes_do_not_overshoot_together()
    {
        var ledgers = Enumerable.Range(0, 4).Select(_ => Ledger(new BudgetOptions { PerRunUsd = 0.20m, PerDayUsd = 1 })).ToList();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => ReserveAsync(ledgers[i % 4], "a", 0.01m)));
        Assert.Equal(20, outcomes.Count(o => o.Succeeded));
        Assert.All(outcomes.Where(o => !o.Succeeded), o => Assert.Equal(FailureCodes.BudgetExceeded, o.Failure?.Code));
        Assert.Equal(20, (await LinesAsync(ledgers[0])).Count);
    }

    [Fact]
    public async Task The_days_budget_is_shared_by_all_runs_and_new_at_midnight()
    {
        var ledger = Ledger(new BudgetOptions { PerDayUsd = 0.02m });
        Assert.True((await ReserveAsync(ledger, "a", 0.01m)).Succeeded);
        Assert.True((await ReserveAsync(ledger, "b", 0.01m)).Succeeded);
        Assert.Equal(FailureCodes.BudgetExceeded, (await ReserveAsync(Ledger(new BudgetOptions { PerDayUsd = 0.02m }), "c", 0.01m)).Failure?.Code);
        time.Advance(TimeSpan.FromHours(12));
        Assert.True((await ReserveAsync(ledger, "c", 0.01m)).Succeeded);
    }

    [Fact]
    public async Task The_unused_part_of_a_reservation_can_be_spent()
    {
        var ledger = Ledger(new BudgetOptions { PerRunUsd = 0.01m });
        var other = Ledger(new BudgetOptions { PerRunUsd = 0.01m });
        var first = await ReserveAsync(ledger, "a", 0.01m);
        Assert.False((await ReserveAsync(other, "a", 0.005m)).Succeeded);
        await ledger.SettleAsync(first.Value, new Usage(1), 0.001m, 0, 0);
        Assert.True((await ReserveAsync(other, "a", 0.009m)).Succeeded);
    }

    [Fact]
    public async Task A_call_over_budget_waits_only_for_calls_under_way_and_not_for_lost_ones()
    {
        var limit = new BudgetOptions { PerRunUsd = 0.02m, PerDayUsd = 0.02m };
        var (ledger, other) = (azurite.NewLedger(time, limit, account, patience: 60), azurite.NewLedger(time, limit, account, patience: 60));
        Assert.True((await ReserveAsync(ledger, "a", 0.01m)).Succeeded);
        time.Advance(TimeSpan.FromSeconds(61));
        var underWay = await ReserveAsync(ledger, "a", 0.01m);

        var (fits, doesNot) = (ReserveAsync(other, "a", 0.007m), ReserveAsync(other, "a", 0.011m));
        Assert.Equal(FailureCodes.BudgetExceeded, (await doesNot).Failure?.Code);
        Assert.False(fits.IsCompleted);
        await ledger.SettleAsync(underWay.Value, new Usage(1), 0.003m, 0, 0);
        Assert.True((await fits).Succeeded);
    }

    [Fact]
    public async Task A_call_over_budget_waits_for_what_a_settled_call_has_not_given_back_yet()
    {
        var limit = new BudgetOptions { PerRunUsd = 0.02m };
        await using var proxy = await StorageProxy.StartAsync(account);
        var slow = azurite.NewLedger(time, limit, proxy.ConnectionString, patience: 60);
        var first = await ReserveAsync(slow, "a", 0.02m);
        var giveBack = proxy.Hold(r => r.Method == "PUT" && r.Touches("RowKey='run-"), afterwards: false);
        var settling = slow.SettleAsync(first.Value, new Usage(1), 0.001m, 0, 0);
        await giveBack.Reached;
        Assert.Equal(LedgerState.Settled, (await LinesAsync(Ledger())).Single().State);

        // The other process has to look several times, and none of these times is its last.
        await using var watch = await StorageProxy.StartAsync(account);
        var queries = new ConcurrentBag<string>();
        watch.Plan = new StorageFaultPlan(1, 0, StorageFaultKind.Busy) { Only = request => Seen(queries, request) };
        var waiting = ReserveAsync(azurite.NewLedger(time, limit, watch.ConnectionString, patience: 60), "a", 0.01m);
        await Eventually.IsTrueAsync("the other process looks again and again", () => queries.Count >= 5);
        giveBack.Release();
        await settling;
        Assert.True((await waiting).Succeeded);
    }

    [Fact]
    public async Task A_sum_of_lines_that_is_older_than_the_budget_does_not_raise_it()
    {
        var limit = new BudgetOptions { PerRunUsd = 0.02m };
        var ledger = azurite.NewLedger(time, limit, account, patience: 60);
        var first = await ReserveAsync(ledger, "a", 0.02m);

        // A second process has added up the lines and is about to raise the budget, when the first gives back.
        await using var proxy = await StorageProxy.StartAsync(account);
        var sum = proxy.Hold(r => r.Method == "GET" && r.Touches("2026-03-01") && r.Touches("RunSeq"), afterwards: true);
        var second = ReserveAsync(azurite.NewLedger(time, limit, proxy.ConnectionString), "a", 0.01m);
        await sum.Reached;
        await ledger.SettleAsync(first.Value, new Usage(1), 0.001m, 0, 0);
        sum.Release();
        Assert.True((await second).Succeeded);
        Assert.Equal("0.011", await CommittedAsync($"run-{BatchName.Parse("a").Key}-1"));
    }

    [Fact]
    public async Task A_caller_that_gives_up_while_storage_is_slow_waits_no_longer_and_leaves_the_budget_as_it_was()
    {
        var limit = new BudgetOptions { PerRunUsd = 0.02m };
        await using var proxy = await StorageProxy.StartAsync(account);
        var slow = azurite.NewLedger(time, limit, proxy.ConnectionString);
        var commits = proxy.Hold(r => r.IsWrite && r.Touches("/costs"), afterwards: true);
        using var stop = new CancellationTokenSource();
        var (worked, waited) = (ReserveAsync(slow, "a", 0.02m, stop.Token), ReserveAsync(slow, "a", 0.02m, stop.Token));
        await commits.Reached;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => worked.WaitAsync(TimeSpan.FromMinutes(1)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waited.WaitAsync(TimeSpan.FromMinutes(1)));

        commits.Release();
        var other = Ledger(limit);
        await Eventually.IsAsync("the budget is as it was", async () => (await ReserveAsync(other, "a", 0.02m)).Succeeded ? this : null);
    }

    [Fact]
    public async Task A_batch_that_was_made_again_pays_with_money_of_its_own_and_the_sums_show_all_that_was_spent()
    {
        var ledger = Ledger(new BudgetOptions { PerRunUsd = 0.01m });
        RunReference[] runs = [Run("a"), Run("a", Noon.AddDays(-1)), Run("a", Noon)];
        foreach (var run in runs)
        {
            var reserved = await ReserveAsync(ledger, run, 0.01m);
            Assert.True(reserved.Succeeded);
            await ledger.SettleAsync(reserved.Value, new Usage(1), 0.01m, 0, 0);
            Assert.Equal(FailureCodes.BudgetExceeded, (await ReserveAsync(ledger, run, 0.01m)).Failure?.Code);
        }

        // A run that an older build started cannot tell whose the lines are, and counts them all, as that build did.
        Assert.Equal(3, (await LinesAsync(ledger, runs[0])).Count);
        Assert.Equal(Noon.AddDays(-1), (await LinesAsync(ledger, runs[1])).Single().BatchSince);
        Assert.Equal(Noon, (await LinesAsync(ledger, runs[2])).Single().BatchSince);
        Assert.Equal(0.03m, (await ledger.SumAsync(Day, Day, CostGrouping.Batch, CancellationToken.None)).Rows.Single().Sum.SpentUsd);
    }

    [Fact]
    public async Task A_runs_lines_are_asked_for_from_its_start_on_over_midnight_too()
    {
        await using var proxy = await StorageProxy.StartAsync(account);
        var queries = new ConcurrentBag<string>();
        proxy.Plan = new StorageFaultPlan(1, 0, StorageFaultKind.Busy) { Only = request => Seen(queries, request) };
        var ledger = azurite.NewLedger(time, account: proxy.ConnectionString);
        await ReserveAsync(ledger, "a", 0.01m);
        time.Advance(TimeSpan.FromHours(11.5));
        var start = time.GetUtcNow();
        await ReserveAsync(ledger, "a", 0.01m);
        time.Advance(TimeSpan.FromHours(1));
        await ReserveAsync(ledger, "a", 0.01m);

        var lines = new List<LedgerEntry>();
        await foreach (var line in ledger.ReadRunAsync(Run("a"), start, CancellationToken.None)) lines.Add(line);
        Assert.Equal([Day, Day.AddDays(1)], lines.Select(l => l.Day));

        // Another host's clock may be five minutes behind this one's.
        var from = start.AddMinutes(-5).ToUnixTimeMilliseconds().ToString("x12", CultureInfo.InvariantCulture);
        Assert.Equal(2, queries.Count);
        Assert.All(queries, q => Assert.Contains($"RowKey ge '{from}'", q, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_caller_that_waits_for_calls_under_way_asks_only_for_what_is_young_enough_to_be_waited_for()
    {
        var limit = new BudgetOptions { PerDayUsd = 0.01m };
        await using var proxy = await StorageProxy.StartAsync(account);
        var queries = new ConcurrentBag<string>();
        proxy.Plan = new StorageFaultPlan(1, 0, StorageFaultKind.Busy) { Only = request => Seen(queries, request) };
        var ledger = azurite.NewLedger(time, limit, proxy.ConnectionString, patience: 60);
        await ReserveAsync(ledger, "a", 0.01m);
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(FailureCodes.BudgetExceeded, (await ReserveAsync(ledger, "b", 0.01m)).Failure?.Code);
        var waits = queries.Where(q => q.Contains("State eq", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(waits);
        Assert.All(waits, q => Assert.True(BeginOf(q) > Noon, q));
    }

    [Fact]
    public async Task A_process_with_a_limit_begins_with_the_lines_that_processes_without_one_have_left()
    {
        var ledger = Ledger();
        await ledger.SettleAsync((await ReserveAsync(ledger, "a", 0.01m)).Value, new Usage(1), 0.004m, 0, 0);
        await ReserveAsync(ledger, "b", 0.01m);
        var limited = Ledger(new BudgetOptions { PerDayUsd = 0.02m });
        Assert.Equal(FailureCodes.BudgetExceeded, (await ReserveAsync(limited, "c", 0.007m)).Failure?.Code);
        Assert.True((await ReserveAsync(limited, "c", 0.006m)).Succeeded);
    }

    [Fact]
    public async Task What_no_limit_applies_to_is_in_the_budgets_of_the_run_and_the_day_within_two_seconds()
    {
        var clock = new FakeTimeProvider(Noon);
        var ledger = azurite.NewLedger(clock, account: account);
        await ReserveAsync(ledger, "a", 0.01m);
        await ReserveAsync(ledger, "a", 0.02m);
        await ReserveAsync(ledger, "b", 0.04m);
        Assert.Null(await CommittedAsync("day-2026-03-01"));

        clock.Advance(TimeSpan.FromSeconds(2));
        await CommittedAsync("day-2026-03-01", "0.07");
        await CommittedAsync($"run-{BatchName.Parse("a").Key}-1", "0.03");

        await ReserveAsync(ledger, "a", 0.05m);
        clock.Advance(TimeSpan.FromSeconds(2));
        await CommittedAsync("day-2026-03-01", "0.12");
    }

    [Fact]
    public async Task Lines_that_gather_while_another_is_written_share_a_request()
    {
        await using var proxy = await StorageProxy.StartAsync(account);
        var ledger = azurite.NewLedger(time, account: proxy.ConnectionString);
        await ReserveAsync(ledger, "a", 0.01m);
        var first = proxy.Hold(r => r.Touches("$batch"), afterwards: false);
        var held = ReserveAsync(ledger, "a", 0.01m);
        await first.Reached;
        var transactions = 0;
        proxy.Plan = new StorageFaultPlan(1, 0, StorageFaultKind.Busy) { Only = r => r.Touches("$batch") && Interlocked.Increment(ref transactions) < 0 };
        var gathered = Enumerable.Range(0, 30).Select(_ => ReserveAsync(ledger, "a", 0.01m)).ToList();
        first.Release();
        Assert.True((await held).Succeeded);
        Assert.All(await Task.WhenAll(gathered), r => Assert.True(r.Succeeded));

        // The request that was held, and one for all that came meanwhile.
        Assert.Equal(2, transactions);
        Assert.Equal(32, (await LinesAsync(ledger)).Count);
    }

    [Fact]
    public async Task Nothing_expires_back_into_the_budget()
    {
        var ledger = Ledger(new BudgetOptions { PerDayUsd = 0.01m });
        await ReserveAsync(ledger, "a", 0.01m);
        time.Advance(TimeSpan.FromHours(2));
        Assert.False((await ReserveAsync(Ledger(new BudgetOptions { PerDayUsd = 0.01m }), "a", 0.01m)).Succeeded);
    }

    [Fact]
    public async Task A_model_without_a_price_is_metered_without_a_budget_and_refused_with_one()
    {
        Assert.True((await ReserveAsync(Ledger(), "a", null)).Succeeded);
        Assert.Equal(FailureCodes.ModelUnpriced, (await ReserveAsync(Ledger(new BudgetOptions { PerDayUsd = 1 }), "a", null)).Failure?.Code);
    }

    private Task<string> CommittedAsync(string budget, string expected) => Eventually.IsAsync(
        $"{expected} USD committed in {budget}", async () => await CommittedAsync(budget) is { } found && found == expected ? found : null);

    private async Task<string?> CommittedAsync(string budget)
    {
        var costs = new TableServiceClient(account).GetTableClient(CostLedger.TableName);
        var found = await costs.GetEntityIfExistsAsync<TableEntity>("budget", budget);
        return found.HasValue ? found.Value!.GetString("CommittedUsd") : null;
    }

    private CostLedger Ledger(BudgetOptions? budget = null) => azurite.NewLedger(time, budget, account);

    private static Task<Outcome<Reservation>> ReserveAsync(
        CostLedger ledger, string batch, decimal? usd, CancellationToken cancellationToken = default) =>
        ReserveAsync(ledger, Run(batch), usd, cancellationToken);

    private static Task<Outcome<Reservation>> ReserveAsync(
        CostLedger ledger, RunReference run, decimal? usd, CancellationToken cancellationToken = default) =>
        ledger.ReserveAsync(run, StepNames.AnalyzeImage, Engine, usd, priceAssumed: false, cancellationToken);

    private static RunReference Run(string batch, DateTimeOffset? since = null) => new(BatchName.Parse(batch), 1, BatchSince: since);

    /// <summary>Notes each query of the ledger on its way, and lets it pass.</summary>
    private static bool Seen(ConcurrentBag<string> queries, ProxiedRequest request)
    {
        var target = Uri.UnescapeDataString(request.Target.Replace('+', ' '));
        if (request.Method == "GET" && target.Contains("$filter", StringComparison.Ordinal)) queries.Add(target);
        return false;
    }

    /// <summary>The time in the first row key that a query may answer with.</summary>
    private static DateTimeOffset BeginOf(string query) =>
        DateTimeOffset.FromUnixTimeMilliseconds(
            long.Parse(query.Split("RowKey ge '")[1][..12], NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private static async Task<IReadOnlyList<LedgerEntry>> LinesAsync(CostLedger ledger, RunReference run)
    {
        var lines = new List<LedgerEntry>();
        await foreach (var line in ledger.ReadRunAsync(run, Noon, CancellationToken.None)) lines.Add(line);
        return lines;
    }

    private static async Task<IReadOnlyList<LedgerEntry>> LinesAsync(CostLedger ledger)
    {
        var lines = new List<LedgerEntry>();
        await foreach (var line in ledger.ReadAsync(Day, Day.AddDays(1), CancellationToken.None)) lines.Add(line);
        return lines;
    }

    private static (LedgerState, decimal?, decimal?) One(IReadOnlyList<LedgerEntry> lines) =>
        (lines.Single().State, lines.Single().EstimatedUsd, lines.Single().CostUsd);
}
