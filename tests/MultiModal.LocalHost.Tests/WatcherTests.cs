using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MultiModal.LocalHost.Serving;
using MultiModal.LocalHost.Watching;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;
using Xunit.Abstractions;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class WatcherTests(AzuriteFixture azurite, ITestOutputHelper output)
{
    [Fact]
    public async Task A_drop_among_blobs_on_two_pages_is_seen_by_the_next_listing()
    {
        // A page of a listing holds 5,000 blobs at most.
        const int folders = 51;
        const int files = 100;
        await using var app = Server.Build(RunningHost.Settings(azurite.NewConnectionString(), simulator: null, "Pipeline:QuietPeriod=1.00:00:00"));
        var account = app.Services.GetRequiredService<MediaAccount>();
        var batches = app.Services.GetRequiredService<BatchStore>();
        await account.CreateContainersAsync(CancellationToken.None);
        await Parallel.ForAsync(0, folders * files, async (n, token) =>
            await account.Inbox.GetBlobClient($"batch{n / files:D3}/{n % files:D3}.txt").UploadAsync(BinaryData.FromString("."), token));
        var watcher = app.Services.GetServices<IHostedService>().OfType<InboxWatcher>().Single();

        Assert.True(await watcher.PollAsync(CancellationToken.None));
        Assert.Equal(folders, (await batches.ListAsync(null, null, CancellationToken.None)).Count);
        Assert.False(await watcher.PollAsync(CancellationToken.None));

        var quiet = (await ReadAsync("batch042"))!.QuietUntil;
        await account.Inbox.GetBlobClient("batch042/late.txt").UploadAsync(BinaryData.FromString("."));
        var start = Stopwatch.GetTimestamp();
        Assert.True(await watcher.PollAsync(CancellationToken.None));
        var took = Stopwatch.GetElapsedTime(start);
        Assert.True((await ReadAsync("batch042"))!.QuietUntil > quiet);
        Assert.True((await ReadAsync("batch041"))!.QuietUntil < (await ReadAsync("batch042"))!.QuietUntil);
        var pause = new PollPace(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(500)).After(changed: false, took, busy: false);
        output.WriteLine($"{folders * files} blobs: a listing takes {took.TotalMilliseconds:0} ms, the next one begins {pause.TotalMilliseconds:0} ms later");

        async Task<BatchState?> ReadAsync(string batch) => (await batches.ReadAsync(BatchName.Parse(batch), CancellationToken.None))?.Value;
    }

    [Fact]
    public async Task A_view_has_the_digests_that_inventories_have()
    {
        InboxBlob[] blobs = [Blob("a/1", "x"), Blob("a/2", "y"), Blob("b", "z")];
        var view = await ViewAsync(blobs);
        Assert.Equal(InboxListing.Digest(blobs[..2]), view.DigestOf(BatchName.Parse("a")));
        Assert.Equal(InboxListing.Digest(blobs[2..]), view.DigestOf(BatchName.Parse("b")));
        Assert.Null(view.DigestOf(BatchName.Parse("c")));
    }

    [Fact]
    public async Task A_batch_with_scattered_blobs_in_the_listing_is_recognised()
    {
        var before = await ViewAsync(Blob("x", "1"), Blob("x-y/a", "1"), Blob("x/b", "1"));
        var after = await ViewAsync(Blob("x", "1"), Blob("x-y/a", "1"), Blob("x/b", "2"));
        var batch = BatchName.Parse("x");
        Assert.True(before.IsScattered(batch));
        Assert.False(before.IsScattered(BatchName.Parse("x-y")));
        Assert.NotEqual(before.DigestOf(batch), after.DigestOf(batch));
    }

    [Fact]
    public void Listings_of_an_idle_inbox_become_rare_and_a_change_brings_them_back()
    {
        var pace = new PollPace(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        var pauses = Enumerable.Range(0, 12).Select(_ => pace.After(changed: false, TimeSpan.Zero, busy: false)).ToList();
        Assert.Equal(TimeSpan.FromSeconds(1), pauses[0]);
        Assert.Equal(TimeSpan.FromSeconds(30), pauses[^1]);
        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal(TimeSpan.FromSeconds(1), pace.After(changed: true, TimeSpan.Zero, busy: false));
    }

    [Fact]
    public void Listings_leave_most_of_storages_time_to_the_runs_under_way()
    {
        var pace = new PollPace(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(200));
        Assert.Equal(TimeSpan.FromMilliseconds(2100), pace.After(changed: false, TimeSpan.FromMilliseconds(700), busy: true));
        Assert.InRange(
            pace.After(changed: false, TimeSpan.FromMilliseconds(700), busy: false), TimeSpan.FromMilliseconds(80), TimeSpan.FromMilliseconds(200));
        Assert.Equal(TimeSpan.FromMilliseconds(190), pace.After(changed: false, TimeSpan.FromMilliseconds(10), busy: true));
    }

    private static InboxBlob Blob(string name, string etag) => new(name, etag, 1);

    private static Task<InboxView> ViewAsync(params InboxBlob[] blobs) =>
        InboxView.ReadAsync(blobs.ToAsyncEnumerable(), depth: 1, CancellationToken.None);
}
