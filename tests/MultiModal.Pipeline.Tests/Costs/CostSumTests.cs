using Azure.Core;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Costs;

/// <summary>What the ledger says of days, batches, steps and models, and in which words it refuses.</summary>
[Collection(SharedAzurite.Name)]
public sealed class CostSumTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Day = new(2026, 3, 1);

    private readonly string account = azurite.NewConnectionString();
    private readonly SettableClock time = new(Noon);

    [Theory]
    [InlineData(CostGrouping.Day, "2026-03-01: 0.3, 2026-03-02: 0.4")]
    [InlineData(CostGrouping.Batch, "album: 0.4, trip: 0.3")]
    [InlineData(CostGrouping.Step, "analyze-image: 0.5, synthesize: 0.2")]
    [InlineData(CostGrouping.Model, "OpenAI/a: 0.1, OpenAI/b: 0.6")]
    public async Task Sums_are_by_day_batch_step_or_model_in_the_order_of_their_keys(CostGrouping by, string rows)
    {
        var ledger = azurite.NewLedger(time, account: account);
        await PayAsync(ledger, "trip", "analyze-image", "a", 0.1m);
        await PayAsync(ledger, "trip", "synthesize", "b", 0.2m);
        time.Advance(TimeSpan.FromDays(1));
        await PayAsync(ledger, "album", "analyze-image", "b", 0.4m);
        time.Advance(TimeSpan.FromDays(1));
        await PayAsync(ledger, "album", "analyze-image", "b", 0.8m);

        var summary = await ledger.SumAsync(Day, Day.AddDays(1), by, CancellationToken.None);
        Assert.Equal(rows, string.Join(", ", summary.Rows.Select(r => FormattableString.Invariant($"{r.Key}: {r.Sum.SpentUsd}"))));
        Assert.Equal((0.7m, 3), (summary.Total.SpentUsd, summary.Total.Calls));
        Assert.Equal((Day, Day.AddDays(1), by), (summary.From, summary.To, summary.By));
    }

    [Fact]
    public async Task A_call_that_was_not_needed_is_a_line_of_its_own_and_no_call()
    {
        var ledger = azurite.NewLedger(time, account: account);
        await ledger.SaveAsync(Run("album"), "analyze-image", Engine("a"), 0.25m, CancellationToken.None);
        var line = Assert.Single(await ledger.ReadAsync(Day, Day, CancellationToken.None).ToListAsync());
        Assert.Equal((LedgerState.Saved, 0.25m, null, 0m), (line.State, line.SavedByCacheUsd, line.CostUsd, line.SavedByOptimizingUsd));
        Assert.Equal(("album", 1, "analyze-image", "OpenAI/a", Day), (line.Batch, line.RunSeq, line.Step, line.Engine, line.Day));
        Assert.Equal(TimeSpan.FromMinutes(30), line.ExpiresAt - line.ReservedAt);
    }

    [Fact]
    public async Task A_call_of_unknown_end_keeps_its_estimate_in_the_budget()
    {
        var budget = new BudgetOptions { PerRunUsd = 0.03m };
        var ledger = azurite.NewLedger(time, budget, account);
        var reserved = await ReserveAsync(ledger, "album", 0.02m);
        await ledger.MarkUnknownAsync(reserved.Value);
        Assert.Equal(LedgerState.Unknown, (await ledger.ReadAsync(Day, Day, CancellationToken.None).ToListAsync()).Single().State);
        Assert.False((await ReserveAsync(ledger, "album", 0.02m)).Succeeded);
        Assert.True((await ReserveAsync(ledger, "album", 0.01m)).Succeeded);
    }

    [Fact]
    public async Task What_a_call_cost_more_than_its_estimate_is_taken_from_both_budgets()
    {
        var budget = new BudgetOptions { PerRunUsd = 0.05m, PerDayUsd = 0.07m };
        var ledger = azurite.NewLedger(time, budget, account);
        var reserved = await ReserveAsync(ledger, "album", 0.01m);
        await ledger.SettleAsync(reserved.Value, new Usage(1), 0.03m, 0, lostAttempts: 0);
        Assert.False((await ReserveAsync(ledger, "album", 0.03m)).Succeeded);
        Assert.False((await ReserveAsync(ledger, "trip", 0.05m)).Succeeded);
        Assert.True((await ReserveAsync(ledger, "album", 0.02m)).Succeeded);
        Assert.True((await ReserveAsync(ledger, "trip", 0.02m)).Succeeded);
    }

    [Fact]
    public async Task A_budget_that_does_not_suffice_is_refused_with_its_name_and_what_to_do()
    {
        const string remedy = "Raise the budget and start the batch again. What is done is not paid again.";
        var ledger = azurite.NewLedger(time, new BudgetOptions { PerRunUsd = 0.01m, PerDayUsd = 0.02m }, account);
        var run = (await ReserveAsync(ledger, "album", 0.0125m)).Failure!;
        Assert.Equal($"This call may cost 0.0125 USD, which is more than Budget:PerRunUsd (0.01 USD) leaves for this run. {remedy}", run.Message);
        Assert.True(run.Retryable);
        Assert.True((await ReserveAsync(ledger, "album", 0.01m)).Succeeded);
        Assert.True((await ReserveAsync(ledger, "trip", 0.01m)).Succeeded);
        Assert.Equal(
            $"This call may cost 0.005 USD, which is more than Budget:PerDayUsd (0.02 USD) leaves for today (UTC). {remedy}",
            (await ReserveAsync(ledger, "third", 0.005m)).Failure!.Message);
        var unpriced = (await ReserveAsync(ledger, "album", null)).Failure!;
        Assert.Equal(
            "OpenAI/a has no price, so that a budget cannot be applied to it. Add its price to Costs:PriceBook, set ModelFamily, or remove the "
                + "budget.",
            unpriced.Message);
    }

    [Fact]
    public async Task A_budget_of_the_day_does_not_wait_for_calls_of_yesterday()
    {
        var budget = new BudgetOptions { PerDayUsd = 0.01m };
        var ledger = azurite.NewLedger(time, budget, account, patience: 3600);
        time.Advance(TimeSpan.FromHours(11.9));
        Assert.True((await ReserveAsync(ledger, "album", 0.01m)).Succeeded);
        time.Advance(TimeSpan.FromHours(0.2));
        var today = await ReserveAsync(ledger, "album", 0.01m);
        await ledger.SettleAsync(today.Value, new Usage(1), 0.01m, 0, lostAttempts: 0);
        Assert.False((await ReserveAsync(ledger, "album", 0.005m).WaitAsync(TimeSpan.FromMinutes(1))).Succeeded);
    }

    [Fact]
    public async Task A_call_that_is_dearer_than_the_whole_budget_waits_for_nothing()
    {
        var ledger = azurite.NewLedger(time, new BudgetOptions { PerRunUsd = 0.01m }, account, patience: 3600);
        Assert.True((await ReserveAsync(ledger, "album", 0.01m)).Succeeded);
        Assert.False((await ReserveAsync(ledger, "album", 0.0101m + 0.01m).WaitAsync(TimeSpan.FromMinutes(1))).Succeeded);
    }

    [Theory]
    [InlineData("https://media.blob.core.windows.net", null, "https://media.table.core.windows.net/")]
    [InlineData("https://media.blob.core.windows.net", "https://other.example/tables", "https://other.example/tables")]
    public void The_tables_of_an_identity_lie_beside_its_blobs_unless_they_are_named(string blobs, string? tables, string expected)
    {
        var options = new StorageOptions { BlobServiceUri = new Uri(blobs), TableServiceUri = tables is null ? null : new Uri(tables) };
        Assert.Equal(new Uri(expected), CostLedger.Tables(options, new NoTokens()).Uri);
    }

    [Fact]
    public void The_tables_of_a_connection_string_are_its_own() =>
        Assert.StartsWith(
            CostLedger.Tables(new StorageOptions { ConnectionString = account }, new NoTokens()).Uri.ToString().TrimEnd('/'),
            account.Split("TableEndpoint=")[1], StringComparison.Ordinal);

    private static async Task PayAsync(CostLedger ledger, string batch, string step, string model, decimal usd)
    {
        var reserved = await ledger.ReserveAsync(Run(batch), step, Engine(model), usd, priceAssumed: false, CancellationToken.None);
        await ledger.SettleAsync(reserved.Value, new Usage(1), usd, 0, lostAttempts: 0);
    }

    private static Task<Outcome<Reservation>> ReserveAsync(CostLedger ledger, string batch, decimal? usd) =>
        ledger.ReserveAsync(Run(batch), "analyze-image", Engine("a"), usd, priceAssumed: false, CancellationToken.None);

    private static RunReference Run(string batch) => new(BatchName.Parse(batch), 1);

    private static EngineIdentity Engine(string model) => new("OpenAI", model, "1", model);

    private sealed class NoTokens : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
