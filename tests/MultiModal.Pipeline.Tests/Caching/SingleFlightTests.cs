using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging.Abstractions;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Caching;

[Collection(SharedAzurite.Name)]
public class SingleFlightTests(AzuriteFixture azurite)
{
    private static readonly BatchName Batch = BatchName.Parse("holiday");
    private static readonly CacheKey Key = CacheKey.Create("analyze-image", ContentHash.Compute("bytes"u8), 1, "engine");

    /// <summary>What a process waits at most before it looks again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private static SingleFlight Process(MediaAccount account, TimeProvider? time = null) =>
        new(account, new ContentCache(account), time ?? TimeProvider.System, NullLogger<SingleFlight>.Instance);

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CachedAnswer<string> Answer(string value) => new(value, "engine", new Usage(InputTokens: 10), 0.5m, DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task The_first_caller_works_and_the_next_one_finds_its_answer()
    {
        var flights = Process(await azurite.NewAccountAsync());
        var first = await flights.RunAsync(Key, _ => Task.FromResult<CachedAnswer<string>?>(Answer("made")), CancellationToken.None);
        var second = await flights.RunAsync<string>(Key, _ => throw new InvalidOperationException("asked twice"), CancellationToken.None);
        Assert.Equal((CacheOutcome.Miss, CacheOutcome.Hit), (first.Cache, second.Cache));
        Assert.Equal(Answer("made"), second.Answer);
    }

    [Fact]
    public async Task Of_many_callers_in_two_processes_one_works_and_the_others_share()
    {
        var account = await azurite.NewAccountAsync();
        var clock = new WatchedClock();
        var (working, elsewhere) = (Process(account), Process(account, clock));
        var (begun, askedAgain, answered) = (Signal(), Signal(), Signal());
        var asked = 0;
        async Task<CachedAnswer<string>?> WorkAsync(CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref asked) == 1) begun.SetResult();
            else askedAgain.TrySetResult();
            await answered.Task;
            return Answer("made");
        }

        List<Task<FlightResult<string>>> flights = [working.RunAsync(Key, WorkAsync, CancellationToken.None)];
        await begun.Task;
        flights.AddRange(Enumerable.Range(0, 19).Select(i => (i % 2 == 0 ? elsewhere : working).RunAsync(Key, WorkAsync, CancellationToken.None)));

        // The other process has found the lease taken, and waits; one that ignores the lease asks.
        await Task.WhenAny(clock.WaitsAsync(LongestWait), askedAgain.Task);
        answered.SetResult();
        await flights[0];
        clock.Advance(LongestWait);
        var done = await Task.WhenAll(flights);
        Assert.Equal(1, asked);
        Assert.Single(done, f => f.Cache == CacheOutcome.Miss);
        Assert.All(done, f => Assert.Equal("made", f.Answer?.Value));
    }

    [Fact]
    public async Task An_answer_that_came_between_the_look_and_the_lease_is_not_asked_for_again()
    {
        var storage = azurite.NewConnectionString();
        var account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        await account.CreateContainersAsync(CancellationToken.None);
        await using var proxy = await StorageProxy.StartAsync(storage);
        var taken = proxy.Hold(r => r.IsUpload && r.Touches("/locks/"), afterwards: false);

        var late = Process(MediaAccount.Open(new StorageOptions { ConnectionString = proxy.ConnectionString }))
            .RunAsync<string>(Key, _ => throw new InvalidOperationException("asked twice"), CancellationToken.None);
        await taken.Reached;
        await Process(account).RunAsync(Key, _ => Task.FromResult<CachedAnswer<string>?>(Answer("made")), CancellationToken.None);
        taken.Release();
        Assert.Equal((CacheOutcome.Shared, "made"), ((await late).Cache, (await late).Answer?.Value));
        await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions())) Assert.Fail($"{blob.Name} is left behind.");
    }

    [Fact]
    public async Task A_failure_is_not_kept_and_the_next_caller_tries_itself()
    {
        var flights = Process(await azurite.NewAccountAsync());
        var failed = await flights.RunAsync<string>(Key, _ => Task.FromResult<CachedAnswer<string>?>(null), CancellationToken.None);
        Assert.Null(failed.Answer);
        Assert.Equal(
            "made", (await flights.RunAsync(Key, _ => Task.FromResult<CachedAnswer<string>?>(Answer("made")), CancellationToken.None)).Answer?.Value);
    }

    [Fact]
    public async Task A_caller_that_throws_releases_its_lock_at_once()
    {
        var account = await azurite.NewAccountAsync();
        await Assert.ThrowsAsync<IOException>(() => Process(account).RunAsync<string>(Key, _ => throw new IOException(), CancellationToken.None));
        var next = await Process(account).RunAsync(Key, _ => Task.FromResult<CachedAnswer<string>?>(Answer("made")), CancellationToken.None);
        Assert.Equal(CacheOutcome.Miss, next.Cache);
    }

    [Fact]
    public async Task No_lock_is_left_behind()
    {
        var account = await azurite.NewAccountAsync();
        await Process(account).RunAsync(Key, _ => Task.FromResult<CachedAnswer<string>?>(Answer("made")), CancellationToken.None);
        await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions())) Assert.Fail($"{blob.Name} is left behind.");
    }

    [Fact]
    public async Task A_lock_whose_owner_died_is_taken_once_its_lease_has_run_out()
    {
        var account = await azurite.NewAccountAsync();
        var working = new TaskCompletionSource();
        var dying = Process(account).RunAsync<string>(
            Key,
            async token =>
            {
                working.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return null;
            },
            CancellationToken.None);
        await working.Task;

        // What time does to a dead owner's lease, breaking it does at once.
        await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = "locks/" }))
        {
            await account.State.GetBlobClient(blob.Name).GetBlobLeaseClient().BreakAsync(TimeSpan.Zero);
        }

        var next = await Process(account).RunAsync(Key, _ => Task.FromResult<CachedAnswer<string>?>(Answer("made")), CancellationToken.None);
        Assert.Equal("made", next.Answer?.Value);
        Assert.False(dying.IsCompleted);
    }

    [Fact]
    public async Task A_late_answer_does_not_replace_the_stored_answer()
    {
        var account = await azurite.NewAccountAsync();
        var cache = new ContentCache(account);
        await cache.StoreAsync(Key, Batch, Answer("first"), CancellationToken.None);
        await cache.StoreAsync(Key, Batch, Answer("second"), CancellationToken.None);
        Assert.Equal("first", (await cache.FindAsync<string>(Key, CancellationToken.None))?.Value);
    }

    [Fact]
    public void A_key_differs_by_everything_that_shapes_the_answer()
    {
        var content = ContentHash.Compute("bytes"u8);
        CacheKey[] keys =
        [
            Key,
            CacheKey.Create("transcribe-audio", content, 1, "engine"),
            CacheKey.Create("analyze-image", ContentHash.Compute("other"u8), 1, "engine"),
            CacheKey.Create("analyze-image", content, 2, "engine"),
            CacheKey.Create("analyze-image", content, 1, "engine", null),
            CacheKey.Create("analyze-image", content, 1, new EngineIdentity("OpenAI", "m", "1")),
            CacheKey.Create("analyze-image", content, 1, new EngineIdentity("OpenAI", "m", "2")),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(Key, CacheKey.Create("analyze-image", content, 1, "engine"));
    }
}
