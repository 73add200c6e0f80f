using Azure.Identity;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using MultiModal.Functions.Batches;
using MultiModal.Functions.Hosting;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;
using MultiModal.Testing.Waiting;

namespace MultiModal.Functions.Tests.Hosting;

/// <summary>The start of a worker, while an identity gets no token for the storage account.</summary>
[Collection(SharedAzurite.Name)]
public sealed class AccountOwnershipTests(AzuriteFixture azurite) : IAsyncLifetime
{
    /// <summary>Timers of requests are longer than the pauses between tries.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly WatchedClock clock = new();
    private readonly TokenFaults tokens = new();
    private MediaAccount account = null!;
    private AccountOwnership ownership = null!;

    public Task InitializeAsync()
    {
        account = tokens.OpenAccount(azurite.NewConnectionString());
        ownership = new AccountOwnership(
            account, new DurableBatchHost(new DurableClients(), new BatchStore(account)), clock,
            new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), NullLogger<AccountOwnership>.Instance);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await ownership.DisposeAsync();

    [Fact]
    public async Task A_worker_that_gets_its_token_late_owns_the_account()
    {
        tokens.Refuses = _ => tokens.Refused < 6;
        await StartAsync();
        Assert.Equal([1, 2, 4, 8, 10, 10], Pauses());
        Assert.Equal("functions", (await OwnerLease.ReadOwnerAsync(account, CancellationToken.None))?.Kind);
    }

    [Fact]
    public async Task A_worker_that_gets_no_token_ends_before_the_host_ends_it()
    {
        tokens.Refuses = _ => true;
        await Assert.ThrowsAsync<AuthenticationFailedException>(StartAsync);
        Assert.Equal([1, 2, 4, 8, 10, 10, 10], Pauses());
    }

    [Fact]
    public async Task An_account_that_another_kind_of_host_owns_is_refused_at_once()
    {
        await account.CreateContainersAsync(CancellationToken.None);
        await using var other = (await OwnerLease.AcquireAsync(
            account, AccountOwner.Here("local", clock.GetUtcNow()), shared: false, TimeSpan.Zero, clock, NullLogger.Instance,
            CancellationToken.None)).Value;

        await Assert.ThrowsAsync<InvalidOperationException>(() => ownership.StartingAsync(CancellationToken.None));
        Assert.Empty(Pauses());
    }

    /// <summary>Starts the worker, and lets each of its pauses pass as soon as it begins.</summary>
    private async Task StartAsync()
    {
        var starting = ownership.StartingAsync(CancellationToken.None);
        for (var pause = 1; await Task.WhenAny(starting, clock.WaitsAsync(LongestPause, pause)) != starting; pause++)
        {
            clock.Advance(TimeSpan.FromSeconds(Pauses().Last()));
        }

        await starting;
    }

    private IEnumerable<double> Pauses() => clock.Begun.Where(wait => wait > TimeSpan.Zero && wait <= LongestPause).Select(wait => wait.TotalSeconds);
}
