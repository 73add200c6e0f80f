using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging.Abstractions;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Caching;

[Collection(SharedAzurite.Name)]
public class SingleFlightTests(AzuriteFixture azurite)
{
    private static readonly CacheKey Key = CacheKey.Create("analyze-image", ContentHash.Compute("bytes"u8), 1, "engine");

    private static SingleFlight Process(MediaAccount account) =>
        new(account, new ContentCache(account), TimeProvider.System, NullLogger<SingleFlight>.Instance);

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
        SingleFlight[] processes = [Process(account), Process(account)];
        var asked = 0;
        var gate = new TaskCompletionSource();
        var flights = Enumerable.Range(0, 20).Select(i => processes[i % 2].RunAsync(
            Key,
            async _ =>
            {
                Interlocked.Increment(ref asked);
                await gate.Task;
                return Answer("made");
            },
            CancellationToken.None)).ToList();
        gate.SetResult();
        var done = await Task.WhenAll(flights);
        Assert.Equal(1, asked);
        Assert.Single(done, f => f.Cache == CacheOutcome.Miss);
        Assert.All(done, f => Assert.Equal("made", f.Answer?.Value));
    }

    [Fact]
    public async Task A_failure_is_not_kept_and_the_next_caller_tries_itself()
    {
        var flights = Process(await azurite.NewAccountAsync());
        var failed = await flights.RunAsync<string>(Key, _ => Task.FromResult<CachedAnswer<string>?>(null), CancellationToken.None);
        Assert.Null(failed.Answer);
        Assert.Equal("made", (await flights.RunAsync(Key, _ => Task.FromResult<CachedAnswer<string>?>(Answer("made")), CancellationToken.None)).Answer?.Value);
    }

    [Fact]
    public async Task A_caller_that_breaks_lets_go_at_once()
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
    public async Task What_comes_back_late_does_not_replace_the_answer_that_is_kept()
    {
        var account = await azurite.NewAccountAsync();
        var cache = new ContentCache(account);
        await cache.StoreAsync(Key, Answer("first"), CancellationToken.None);
        await cache.StoreAsync(Key, Answer("second"), CancellationToken.None);
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
