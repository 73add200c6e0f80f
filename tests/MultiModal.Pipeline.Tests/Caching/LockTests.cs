using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Caching;

/// <summary>The lock on a question, and who may take it from whom.</summary>
[Collection(SharedAzurite.Name)]
public sealed class LockTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly BatchName Batch = BatchName.Parse("holiday");
    private static readonly CacheKey Key = CacheKey.Create("analyze-image", ContentHash.Compute("bytes"u8), 1, "engine");

    private readonly WatchedClock clock = new();
    private readonly LogLines logs = new();
    private string connection = "";
    private MediaAccount account = null!;
    private SingleFlight flights = null!;

    public async Task InitializeAsync()
    {
        connection = azurite.NewConnectionString();
        account = MediaAccount.Open(new StorageOptions { ConnectionString = connection });
        await account.CreateContainersAsync(CancellationToken.None);
        flights = Process(account, clock);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_lock_is_an_empty_blob_under_a_hash_of_the_question_that_names_its_owner()
    {
        await using var flight = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        var held = await LockAsync();
        Assert.Matches("^locks/[0-9a-f]{64}$", held.Name);
        var properties = (await held.GetPropertiesAsync()).Value;
        Assert.Equal((0, LeaseState.Leased), (properties.ContentLength, properties.LeaseState));
        var owner = AccountOwner.FromToken(properties.Metadata["owner"])!;
        Assert.Equal(("flight", Environment.ProcessId), (owner.Kind, owner.ProcessId));
    }

    [Fact]
    public async Task The_lock_of_a_process_that_has_ended_is_broken_at_once()
    {
        using var recoveries = new Recoveries();
        var held = await LeasedAsync(AccountOwner.Here("flight", DateTimeOffset.UnixEpoch) with { ProcessStart = "0" });
        var waiting = flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        await Eventually.IsTrueAsync("the lock is taken", () => waiting.IsCompleted, () => clock.Advance(TimeSpan.FromMilliseconds(10)));
        await using var flight = await waiting;
        Assert.Contains("lock-broken", recoveries.All);
        Assert.Equal((CacheOutcome.Miss, Environment.ProcessId), (flight.Cache, await OwnerOfAsync(held)));
        Assert.StartsWith($"Process {Environment.ProcessId}, which held {held.Name}, has ended", Assert.Single(logs.All), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("this process")]
    [InlineData("somebody unknown")]
    [InlineData(null)]
    public async Task A_lock_whose_owner_lives_or_is_unknown_is_waited_for(string? owner)
    {
        var held = await LeasedAsync(owner == "this process" ? AccountOwner.Here("flight", DateTimeOffset.UnixEpoch).ToToken() : owner);
        var waiting = flights.BoardAsync<string>(Key, Batch, CancellationToken.None);

        // It looks again after 0.1 s, 0.2 s and 0.4 s.
        await Eventually.IsTrueAsync("three looks", () => clock.Begun.Count >= 3, () => clock.Advance(TimeSpan.FromMilliseconds(50)));
        Assert.False(waiting.IsCompleted);
        Assert.Equal([0.1, 0.2, 0.4], clock.Begun.Take(3).Select(wait => wait.TotalSeconds));
        Assert.Equal(LeaseState.Leased, (await held.GetPropertiesAsync()).Value.LeaseState);
        Assert.Empty(logs.All);

        await held.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero);
        await Eventually.IsTrueAsync("the lock is taken", () => waiting.IsCompleted, () => clock.Advance(TimeSpan.FromMilliseconds(50)));
        await using var flight = await waiting;
        Assert.Equal(Environment.ProcessId, await OwnerOfAsync(held));
    }

    [Fact]
    public async Task A_lock_that_names_another_owner_by_the_time_it_is_leased_does_not_count()
    {
        var (through, proxy) = await BehindProxyAsync();
        await using var storage = proxy;
        var leased = proxy.Hold(r => r.Touches("/locks/") && r.Touches("comp=lease"), afterwards: false);
        var boarding = through.BoardAsync<string>(Key, Batch, CancellationToken.None);
        await leased.Reached;
        var held = await LockAsync();
        var other = AccountOwner.Here("flight", DateTimeOffset.UnixEpoch) with { ProcessId = 1 };
        await held.SetMetadataAsync(new Dictionary<string, string> { ["owner"] = other.ToToken() });
        leased.Release();
        await Eventually.IsTrueAsync("the lock is taken", () => boarding.IsCompleted, () => clock.Advance(TimeSpan.FromMilliseconds(50)));
        await using var flight = await boarding;
        Assert.Equal(Environment.ProcessId, await OwnerOfAsync(held));
    }

    [Fact]
    public async Task The_lock_of_a_process_that_has_ended_is_broken_even_if_storage_refuses_to_say_that_it_is_there()
    {
        var (through, proxy) = await BehindProxyAsync();
        await using var storage = proxy;
        var held = await LeasedAsync(AccountOwner.Here("flight", DateTimeOffset.UnixEpoch) with { ProcessStart = "0" });
        proxy.Plan = new StorageFaultPlan(1, 1, StorageFaultKind.PreconditionFailed) { Only = r => r.IsUpload && r.Touches("/locks/") };
        var boarding = through.BoardAsync<string>(Key, Batch, CancellationToken.None);
        await Eventually.IsTrueAsync("the lock is taken", () => boarding.IsCompleted, () => clock.Advance(TimeSpan.FromMilliseconds(50)));
        await using var flight = await boarding;
        Assert.Equal(Environment.ProcessId, await OwnerOfAsync(held));
    }

    [Fact]
    public async Task A_lock_that_storage_does_not_create_is_a_fault_of_the_caller_and_no_wait()
    {
        var (through, proxy) = await BehindProxyAsync();
        await using var storage = proxy;
        proxy.Plan = new StorageFaultPlan(1, 1, StorageFaultKind.Busy) { Only = r => r.IsUpload && r.Touches("/locks/") };
        await Assert.ThrowsAsync<Azure.RequestFailedException>(() => through.BoardAsync<string>(Key, Batch, CancellationToken.None));
    }

    [Fact]
    public async Task A_flight_that_has_ended_renews_no_lock()
    {
        await (await flights.BoardAsync<string>(Key, Batch, CancellationToken.None)).DisposeAsync();
        var other = CacheKey.Create("another", ContentHash.Compute("other"u8));
        await using var next = await flights.BoardAsync<string>(other, Batch, CancellationToken.None);
        for (var renewals = 0; renewals < 10; renewals++) await RenewAsync();
        Assert.Empty(logs.All);
    }

    [Fact]
    public async Task A_caller_that_gives_up_in_the_queue_leaves_it_to_the_others()
    {
        var working = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var (leaving, staying) = (flights.BoardAsync<string>(Key, Batch, stop.Token), flights.BoardAsync<string>(Key, Batch, CancellationToken.None));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.False(staying.IsCompleted);
        await working.DisposeAsync();
        await (await staying).DisposeAsync();
        await (await flights.BoardAsync<string>(Key, Batch, CancellationToken.None)).DisposeAsync();
    }

    [Fact]
    public async Task A_caller_that_gives_up_while_another_process_works_leaves_its_place_in_the_queue()
    {
        var held = await LeasedAsync(AccountOwner.Here("flight", DateTimeOffset.UnixEpoch).ToToken());
        using var stop = new CancellationTokenSource();
        var leaving = flights.BoardAsync<string>(Key, Batch, stop.Token);
        await Eventually.IsTrueAsync("it waits", () => clock.Begun.Count > 0);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);

        await held.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero);
        await (await flights.BoardAsync<string>(Key, Batch, CancellationToken.None)).DisposeAsync();
    }

    [Fact]
    public async Task A_fault_at_the_last_look_releases_the_lock_and_the_queue()
    {
        var (through, proxy) = await BehindProxyAsync();
        await using var storage = proxy;
        var looks = 0;
        proxy.Plan = new StorageFaultPlan(1, 1, StorageFaultKind.Busy)
        {
            Only = r => r.Method == "GET" && r.Touches("/cache/") && Interlocked.Increment(ref looks) == 2,
        };
        await Assert.ThrowsAsync<Azure.RequestFailedException>(() => through.BoardAsync<string>(Key, Batch, CancellationToken.None));
        await using var next = await through.BoardAsync<string>(Key, Batch, CancellationToken.None);
        Assert.Equal(CacheOutcome.Miss, next.Cache);
        Assert.DoesNotContain(TimeSpan.FromMilliseconds(100), clock.Begun);
    }

    [Fact]
    public async Task A_lock_that_is_lost_is_in_the_log_and_releasing_it_breaks_nothing()
    {
        var flight = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        var held = await LockAsync();
        await held.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero);
        var other = held.GetBlobLeaseClient();
        await other.AcquireAsync(TimeSpan.FromSeconds(60));
        await flight.DisposeAsync();
        Assert.Contains("may be requested twice", Assert.Single(logs.All), StringComparison.Ordinal);
        Assert.Equal(LeaseState.Leased, (await held.GetPropertiesAsync()).Value.LeaseState);
    }

    [Fact]
    public async Task A_lock_that_another_caller_took_meanwhile_is_in_the_log_before_the_answer_comes()
    {
        await using var flight = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        var held = await LockAsync();
        await held.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero);
        await held.GetBlobLeaseClient().AcquireAsync(TimeSpan.FromSeconds(60));
        await Eventually.IsTrueAsync("the loss is in the log", () => logs.All.Count > 0, () => clock.Advance(TimeSpan.FromSeconds(1)));
        Assert.Contains("The lease for", logs.All[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_that_is_gone_already_needs_no_release()
    {
        var flight = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        var held = await LockAsync();
        await held.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero);
        await held.DeleteAsync();
        await flight.DisposeAsync();
        Assert.Empty(logs.All);
    }

    [Fact]
    public async Task A_working_caller_keeps_its_lock_for_hours()
    {
        await using var flight = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        var held = await LockAsync();
        for (var renewals = 0; renewals < 10; renewals++) await RenewAsync();
        Assert.Equal(LeaseState.Leased, (await held.GetPropertiesAsync()).Value.LeaseState);
        Assert.Empty(logs.All);
    }

    /// <summary>
    /// Lets the holder of the only lease renew it. The clock stands still meanwhile, because a request that outlasts the lease does not renew it.
    /// </summary>
    private async Task RenewAsync()
    {
        var begun = clock.Begun.Count;
        clock.Advance(TimeSpan.FromSeconds(15));
        // The request is given 15 s, and then the next pause begins.
        await Eventually.IsTrueAsync("it is renewed every 15 s", () => clock.Begun.Count >= begun + 2);
    }

    private SingleFlight Process(MediaAccount through, TimeProvider time) =>
        new(through, new ContentCache(through), time, new Logger<SingleFlight>(new LoggerFactory([logs])));

    /// <summary>A process whose every request reaches the same account through a proxy, once.</summary>
    private async Task<(SingleFlight Flights, StorageProxy Proxy)> BehindProxyAsync()
    {
        var proxy = await StorageProxy.StartAsync(connection);
        return (Process(MediaAccount.Open(new StorageOptions { ConnectionString = proxy.ConnectionString }, maxRetries: 0), clock), proxy);
    }

    private Task<BlobClient> LeasedAsync(AccountOwner owner) => LeasedAsync(owner.ToToken());

    /// <summary>The lock on the question, held by this owner, or by somebody who gave no name.</summary>
    private async Task<BlobClient> LeasedAsync(string? owner)
    {
        // What its lock is called, a flight shows.
        BlobClient held;
        await using (await Process(account, TimeProvider.System).BoardAsync<string>(Key, Batch, CancellationToken.None)) held = await LockAsync();
        await held.UploadAsync(
            BinaryData.Empty, new BlobUploadOptions { Metadata = owner is null ? null : new Dictionary<string, string> { ["owner"] = owner } });
        await held.GetBlobLeaseClient().AcquireAsync(TimeSpan.FromSeconds(60));
        return held;
    }

    private async Task<BlobClient> LockAsync()
    {
        var names = new List<string>();
        await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = "locks/" })) names.Add(blob.Name);
        return account.State.GetBlobClient(Assert.Single(names));
    }

    private static async Task<int> OwnerOfAsync(BlobClient held) =>
        AccountOwner.FromToken((await held.GetPropertiesAsync()).Value.Metadata["owner"])!.ProcessId;
}
