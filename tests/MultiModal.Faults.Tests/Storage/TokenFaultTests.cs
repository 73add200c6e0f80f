using Azure.Core;
using Azure.Identity;
using AzureOpenAISimulator;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Faults.Tests.Storage;

/// <summary>An account opened by an identity: a token may be refused at any request, and the next one may be given.</summary>
[Collection(SharedAzurite.Name)]
public sealed class TokenFaultTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly EngineIdentity Engine = new("AzureOpenAI", "gpt-4o", "1", "gpt-4o");

    private readonly string storage = azurite.NewConnectionString();
    private readonly TokenFaults tokens = new();
    private SimulatorServer simulator = null!;
    private MediaAccount account = null!;

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        await account.CreateContainersAsync(CancellationToken.None);
    }

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    [Fact]
    public async Task A_refused_token_breaks_one_reservation_and_no_later_one()
    {
        var ledger = Ledger(tokens);
        tokens.Refuses = r => IsOfLedger(r) && tokens.Refused == 0;
        await Assert.ThrowsAsync<AuthenticationFailedException>(() => ReserveAsync(ledger, "first").WaitAsync(Limit));
        Assert.True((await ReserveAsync(ledger, "second").WaitAsync(Limit)).Succeeded);
    }

    [Fact]
    public async Task A_reservation_that_a_refused_token_breaks_takes_nothing_from_the_budgets()
    {
        var ledger = Ledger(tokens, new BudgetOptions { PerRunUsd = 0.01m, PerDayUsd = 0.01m });
        var writes = 0;

        // The run's budget, the day's, and then the line, each in its own turn.
        for (var broken = 1; broken <= 3; broken++)
        {
            (writes, var nth) = (0, broken);
            tokens.Refuses = r => r.Method != RequestMethod.Get && IsOfLedger(r) && ++writes == nth;
            await Assert.ThrowsAsync<AuthenticationFailedException>(() => ReserveAsync(ledger, "album").WaitAsync(Limit));
        }

        Assert.True((await ReserveAsync(ledger, "album").WaitAsync(Limit)).Succeeded);
    }

    [Fact]
    public async Task A_step_whose_token_is_refused_is_tried_again()
    {
        await using var process = Process(maxRetries: 0, ("Pipeline:StepAttempts", "12"), ("Pipeline:StepRetryDelay", "00:00:00.01"));
        for (var item = 0; item < 4; item++) await process.DropAsync($"album/{item}.jpg", TestImage.Jpeg(item));
        await process.DropAsync("album/note.txt", "The ferry leaves at nine.");
        var requests = 0;
        tokens.Refuses = _ => Interlocked.Increment(ref requests) % 30 == 0;
        var report = await process.RunAsync("album");
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.True(tokens.Refused > 3);
        Assert.Empty(simulator.Bill.PaidTwice());
        await new Invariants(storage, simulator).HoldAsync([BatchName.Parse("album")]);
    }

    [Fact]
    public async Task An_answer_that_is_paid_for_is_kept_though_a_token_is_refused()
    {
        await using var process = Process();
        await process.DropAsync("one/a.jpg", TestImage.Jpeg(1));
        tokens.Refuses = r => r.Method == RequestMethod.Put && r.Uri.ToString().Contains("/cache/analyze-image/", StringComparison.Ordinal)
            && tokens.Refused == 0;
        Assert.Equal(RunStatus.Succeeded, (await process.RunAsync("one")).Status);
        Assert.Equal(1, tokens.Refused);
        var paid = simulator.Bill.Lines.Count;
        Assert.Equal(RunStatus.Succeeded, (await process.RunAsync("one", 2)).Status);
        Assert.Equal(paid, simulator.Bill.Lines.Count);
    }

    [Fact]
    public async Task A_call_is_settled_though_a_token_is_refused()
    {
        await using var process = Process(maxRetries: 1);
        await process.DropAsync("one/a.jpg", TestImage.Jpeg(1));
        tokens.Refuses = r => r.Uri.ToString().Contains("$batch", StringComparison.Ordinal) && tokens.Refused == 0;
        await process.RunAsync("one");
        Assert.Equal(1, tokens.Refused);
        await new Invariants(storage, simulator).HoldAsync([BatchName.Parse("one")]);
        Assert.All(await process.ReadLedgerAsync(), l => Assert.Equal(LedgerState.Settled, l.State));
    }

    [Fact]
    public async Task An_owner_lease_that_is_not_renewed_for_want_of_a_token_is_held_while_it_lasts()
    {
        var time = new FakeTimeProvider();
        using var logs = new ScopedLines();
        await using var lease = (await OwnerLease.AcquireAsync(
            tokens.OpenAccount(storage), AccountOwner.Here("local", DateTimeOffset.UtcNow), shared: false, TimeSpan.Zero, time,
            logs.CreateLogger("lease"), CancellationToken.None)).Value;
        tokens.Refuses = r => r.Uri.ToString().Contains("comp=lease", StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(15));
        await Eventually.IsTrueAsync("the renewal that failed is logged", () => logs.All.Count > 0);
        Assert.False(lease.Lost.IsCancellationRequested);
        Assert.StartsWith("Warning", logs.All.First(), StringComparison.Ordinal);
        tokens.Refuses = _ => false;
    }

    /// <summary>Whether a request concerns the table: lines are written in transactions, which name no table in their address.</summary>
    private static bool IsOfLedger(Request request) =>
        request.Uri.ToString() is var address
        && (address.Contains("/costs", StringComparison.Ordinal) || address.Contains("$batch", StringComparison.Ordinal));

    private CostLedger Ledger(TokenFaults through, BudgetOptions? budget = null) => new(
        through.OpenTables(storage), Options.Create(budget ?? new BudgetOptions()), Options.Create(new PipelineOptions()),
        Options.Create(new AiOptions { TimeoutSeconds = 0 }), TimeProvider.System);

    private static Task<Outcome<Reservation>> ReserveAsync(CostLedger ledger, string batch) =>
        ledger.ReserveAsync(
            new RunReference(BatchName.Parse(batch), 1), StepNames.AnalyzeImage, Engine, 0.01m, priceAssumed: false, CancellationToken.None);

    private PipelineProcess Process(int maxRetries = 0, params (string Key, string Value)[] settings) => new(
        storage,
        simulator,
        services => services.AddSingleton(tokens.OpenAccount(storage, maxRetries)).AddSingleton(tokens.OpenTables(storage, maxRetries)),
        settings);
}
