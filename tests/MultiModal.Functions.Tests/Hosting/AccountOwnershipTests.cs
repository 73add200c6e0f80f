using System.Collections.Immutable;
using Microsoft.Azure.Functions.Worker;
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
        var starting = ownership.StartingAsync(CancellationToken.None);
        await OwnAsync();
        await starting;
        Assert.Equal([1, 2, 4, 8, 10, 10], Pauses());
        Assert.Equal("functions", (await OwnerLease.ReadOwnerAsync(account, CancellationToken.None))?.Kind);
    }

    [Fact]
    public async Task A_worker_that_gets_no_token_reports_to_its_host_and_its_functions_wait()
    {
        tokens.Refuses = _ => true;
        var starting = ownership.StartingAsync(CancellationToken.None);
        await clock.WaitsAsync(LongestPause);
        Assert.False(starting.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(15));
        await starting;
        var (page, function) = (InvokeAsync("MultiModal.Functions.Http.PageFunctions.Health"), InvokeAsync("MultiModal.Functions.Drops.DropFunctions.Any"));
        Assert.True(await page);
        Assert.False(function.IsCompleted);

        tokens.Refuses = _ => false;
        await OwnAsync(passed: 1);
        Assert.True(await function);
    }

    [Fact]
    public async Task A_function_that_waits_ends_with_its_invocation()
    {
        tokens.Refuses = _ => true;
        _ = ownership.StartingAsync(CancellationToken.None);
        using var given = new CancellationTokenSource();
        var function = InvokeAsync("MultiModal.Functions.Drops.DropFunctions.Any", given.Token);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => function);
    }

    [Fact]
    public async Task A_worker_that_stops_tries_no_longer()
    {
        tokens.Refuses = _ => true;
        _ = ownership.StartingAsync(CancellationToken.None);
        await clock.WaitsAsync(LongestPause);
        await ownership.StoppingAsync(CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ownership.Owned);
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

    /// <summary>Lets each of the worker's pauses pass as soon as it begins, until it owns the account.</summary>
    /// <param name="passed">How many have passed already.</param>
    private async Task OwnAsync(int passed = 0)
    {
        for (var pause = passed + 1; await Task.WhenAny(ownership.Owned, clock.WaitsAsync(LongestPause, pause)) != ownership.Owned; pause++)
        {
            clock.Advance(TimeSpan.FromSeconds(Pauses().Last()));
        }
    }

    /// <returns>True when the function has run.</returns>
    private async Task<bool> InvokeAsync(string entryPoint, CancellationToken cancellationToken = default)
    {
        var hasRun = false;
        await new OwnershipMiddleware(ownership).Invoke(new Invocation(entryPoint, cancellationToken), _ =>
        {
            hasRun = true;
            return Task.CompletedTask;
        });
        return hasRun;
    }

    private IEnumerable<double> Pauses() => clock.Begun.Where(wait => wait > TimeSpan.Zero && wait <= LongestPause).Select(wait => wait.TotalSeconds);

    private sealed class Invocation(string entryPoint, CancellationToken cancellationToken) : FunctionContext
    {
        public override FunctionDefinition FunctionDefinition { get; } = new Definition(entryPoint);

        public override CancellationToken CancellationToken => cancellationToken;

        public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

        public override string InvocationId => throw new NotSupportedException();

        public override string FunctionId => throw new NotSupportedException();

        public override TraceContext TraceContext => throw new NotSupportedException();

        public override BindingContext BindingContext => throw new NotSupportedException();

        public override RetryContext RetryContext => throw new NotSupportedException();

        public override IInvocationFeatures Features => throw new NotSupportedException();

        public override IServiceProvider InstanceServices { get; set; } = null!;
    }

    private sealed class Definition(string entryPoint) : FunctionDefinition
    {
        public override string EntryPoint => entryPoint;

        public override string Name => throw new NotSupportedException();

        public override string Id => throw new NotSupportedException();

        public override string PathToAssembly => throw new NotSupportedException();

        public override ImmutableArray<FunctionParameter> Parameters => throw new NotSupportedException();

        public override IImmutableDictionary<string, BindingMetadata> InputBindings => throw new NotSupportedException();

        public override IImmutableDictionary<string, BindingMetadata> OutputBindings => throw new NotSupportedException();
    }
}
