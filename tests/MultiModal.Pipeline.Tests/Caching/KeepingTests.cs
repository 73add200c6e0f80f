using Azure;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Caching;

/// <summary>An answer that is paid for, while storage does not take it.</summary>
[Collection(SharedAzurite.Name)]
public sealed class KeepingTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly BatchName Batch = BatchName.Parse("holiday");
    private static readonly CacheKey Key = CacheKey.Create("analyze-image", ContentHash.Compute("bytes"u8), 1, "engine");
    private static readonly CachedAnswer<string> Answer = new("made", "engine", new Usage(10), 0.5m, DateTimeOffset.UnixEpoch);

    /// <summary>After which a lock is renewed: no pause between tries is as long.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(15);

    private readonly WatchedClock clock = new();
    private readonly LogLines logs = new();
    private MediaAccount account = null!;
    private StorageProxy proxy = null!;
    private SingleFlight flights = null!;

    public async Task InitializeAsync()
    {
        var storage = azurite.NewConnectionString();
        account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        await account.CreateContainersAsync(CancellationToken.None);
        proxy = await StorageProxy.StartAsync(storage);
        var through = MediaAccount.Open(new StorageOptions { ConnectionString = proxy.ConnectionString }, maxRetries: 0);
        flights = new SingleFlight(through, new ContentCache(through), clock, new Logger<SingleFlight>(new LoggerFactory([logs])));
    }

    public async Task DisposeAsync() => await proxy.DisposeAsync();

    [Fact]
    public async Task It_is_kept_as_soon_as_storage_takes_it()
    {
        await using var flight = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        using var recoveries = new Recoveries();
        Refuse(first: 2);
        var kept = flight.KeepAsync(Answer, CancellationToken.None);
        await Eventually.IsTrueAsync("the answer is kept", () => kept.IsCompleted, () => clock.Advance(TimeSpan.FromMilliseconds(100)));
        await kept;
        Assert.Equal(Answer, await new ContentCache(account).FindAsync<string>(Key, CancellationToken.None));
        Assert.Equal([2, 4], Pauses());
        Assert.Contains("answer-kept-later", recoveries.All);
        Assert.Equal(2, logs.All.Count);
        Assert.Contains("could not be stored (attempt 2)", logs.All[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_given_up_after_twelve_tries_with_pauses_that_grow_to_a_minute()
    {
        await using var flight = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        Refuse(first: null);
        var kept = flight.KeepAsync(Answer, CancellationToken.None);
        await Eventually.IsTrueAsync("it is given up", () => kept.IsCompleted, () => clock.Advance(TimeSpan.FromSeconds(1)));
        await Assert.ThrowsAsync<RequestFailedException>(() => kept);
        Assert.Equal([2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60], Pauses());
    }

    [Fact]
    public async Task What_storage_refuses_for_good_is_not_tried_again()
    {
        await using var flight = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        await account.Cache.DeleteAsync();
        await Assert.ThrowsAsync<RequestFailedException>(() => flight.KeepAsync(Answer, CancellationToken.None));
        Assert.Empty(Pauses());
    }

    [Fact]
    public async Task It_is_tried_once_where_the_host_stops()
    {
        await using var flight = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await flight.KeepAsync(Answer, stop.Token);
        Assert.Equal(Answer, await new ContentCache(account).FindAsync<string>(Key, CancellationToken.None));

        Refuse(first: null);
        await Assert.ThrowsAsync<RequestFailedException>(() => flight.KeepAsync(Answer, stop.Token));
        Assert.Empty(Pauses());
    }

    [Fact]
    public async Task Only_the_flight_that_works_on_an_answer_keeps_it()
    {
        var working = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        await working.KeepAsync(Answer, CancellationToken.None);
        await working.DisposeAsync();
        var finding = await flights.BoardAsync<string>(Key, Batch, CancellationToken.None);
        foreach (var flight in new[] { working, finding })
        {
            var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => flight.KeepAsync(Answer, CancellationToken.None));
            Assert.Equal("Only the flight that works on an answer keeps it.", fault.Message);
        }
    }

    private void Refuse(int? first) => proxy.Plan = new StorageFaultPlan(
        1, 1, StorageFaultKind.Busy) { Only = r => r.IsUpload && r.Touches("/cache/"), First = first };

    /// <summary>The pauses between tries, in seconds.</summary>
    private IEnumerable<double> Pauses() => clock.Begun.Where(wait => wait > TimeSpan.Zero && wait != Renewal).Select(wait => wait.TotalSeconds);
}
