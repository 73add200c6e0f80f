using System.Collections.Concurrent;
using System.Text;
using System.Web;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Tests.Reports;

namespace MultiModal.Pipeline.Tests.Runs;

[Collection(SharedAzurite.Name)]
public sealed class BatchEraserTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly BatchName Holiday = BatchName.Parse("holiday");

    private string connectionString = null!;
    private MediaAccount account = null!;
    private RunStore runs = null!;
    private BatchStore store = null!;
    private BatchEraser eraser = null!;

    public async Task InitializeAsync()
    {
        connectionString = azurite.NewConnectionString();
        account = MediaAccount.Open(new StorageOptions { ConnectionString = connectionString });
        await account.CreateContainersAsync(CancellationToken.None);
        (runs, store, eraser) = (new RunStore(account), new BatchStore(account), Eraser(account));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Nothing_of_a_batch_is_left_and_everything_of_its_neighbours()
    {
        await FillAsync("holiday", "a");
        await FillAsync("holiday 2", "b");
        await FillAsync("holidays", "c");

        // A batch whose name begins with this one's, and the reports of a batch that is named like a file of this one's.
        await PutAsync(account.Results, "holiday/report.json/report.json");
        await PutAsync(account.Results, "holiday/runs/notes/report.json");

        Assert.True(await eraser.EraseAsync(Holiday, CancellationToken.None));
        Assert.Equal(["holiday 2/b.txt", "holidays/c.txt"], await NamesAsync(account.Inbox));
        Assert.Equal(
            [
                "holiday 2/report.json", "holiday 2/report.md", "holiday 2/runs/1/items/0.json", "holiday 2/runs/1/report.json",
                "holiday/report.json/report.json", "holiday/runs/notes/report.json",
                "holidays/report.json", "holidays/report.md", "holidays/runs/1/items/0.json", "holidays/runs/1/report.json",
            ],
            await NamesAsync(account.Results));
        Assert.DoesNotContain(await NamesAsync(account.State), name => name.StartsWith($"{Holiday.Key}/", StringComparison.Ordinal));
        Assert.Null(await store.ReadAsync(Holiday, CancellationToken.None));
        Assert.NotNull(await store.ReadAsync(BatchName.Parse("holidays"), CancellationToken.None));
    }

    [Fact]
    public async Task A_deleted_batch_loses_its_own_cache_entries_of_version_1_0_and_shared_ones_stay()
    {
        await FillAsync("holiday", "a");
        await FillAsync("harbour", "b");
        foreach (var batch in new[] { "holiday", "harbour" })
        {
            await RunSketch.WriteUseAsync(runs, new ItemReference(new RunReference(BatchName.Parse(batch), 1), 1), "optimize-image/shared");
        }

        string[] entries = [
            "optimize-image/shared", "optimize-image/shared/image", "read-text/a", "read-text/a/page", "read-text/a2", "read-text/b", "unused/c"];
        foreach (var entry in entries) await PutAsync(account.Cache, entry);

        Assert.True(await eraser.EraseAsync(Holiday, CancellationToken.None));
        Assert.Equal(
            ["optimize-image/shared", "optimize-image/shared/image", "read-text/a2", "read-text/b", "unused/c"], await NamesAsync(account.Cache));
    }

    [Fact]
    public async Task A_deletion_leaves_the_reports_of_a_batch_named_like_the_hash_of_this_one_or_like_a_run()
    {
        var longer = BatchName.Parse(new string('x', 600));
        string[] others = [longer.Key, longer.ResultsFolder, "holiday/runs/1"];
        foreach (var other in others) await FillAsync(other, "a");
        var before = await NamesAsync(account.Results);
        await FillAsync(longer.Value, "b");
        await FillAsync("holiday", "c");

        Assert.True(await eraser.EraseAsync(longer, CancellationToken.None));
        Assert.True(await eraser.EraseAsync(Holiday, CancellationToken.None));
        Assert.Equal(before, await NamesAsync(account.Results));
        foreach (var other in others) Assert.NotNull(await store.ReadAsync(BatchName.Parse(other), CancellationToken.None));
    }

    [Fact]
    public async Task A_deletion_finds_the_reports_that_version_1_0_kept_under_the_key_of_a_long_name()
    {
        var longer = BatchName.Parse(new string('x', 600));
        foreach (var file in new[] { "report.json", "runs/1/report.json" }) await PutAsync(
            account.Results, $"{longer.Key}/{file}", $$"""{"schemaVersion":1,"batch":"{{longer.Value}}"}""");
        foreach (var file in new[] { "report.md", "runs/1/report.md", "runs/1/items/0.json" })
        {
            await PutAsync(account.Results, $"{longer.Key}/{file}");
        }

        await PutAsync(account.Results, $"{longer.Key}/runs/2/report.json", $$"""{"schemaVersion":1,"batch":"{{longer.Key}}"}""");

        Assert.True(await eraser.EraseAsync(longer, CancellationToken.None));
        Assert.Equal([$"{longer.Key}/runs/2/report.json"], await NamesAsync(account.Results));
    }

    [Fact]
    public async Task A_deletion_takes_as_many_requests_beside_thirty_other_batches_as_beside_three()
    {
        var (few, many) = (await RequestsAsync(others: 3), await RequestsAsync(others: 30));
        Assert.Equal(few, many);
        Assert.DoesNotContain(many, request => request.StartsWith("GET state list", StringComparison.Ordinal) && request.EndsWith(' '));
    }

    [Fact]
    public async Task An_entry_stays_while_another_batch_uses_it_and_goes_with_the_last_one()
    {
        await UseAsync(account, "holiday", "shared", "own", "left");
        await UseAsync(account, "harbour", "shared", "left");
        await runs.DeleteAllAsync(BatchName.Parse("harbour"), CancellationToken.None);
        await UseAsync(account, "harbour", "shared");

        Assert.True(await eraser.EraseAsync(Holiday, CancellationToken.None));
        Assert.Equal([KeyOf("shared").Name, $"{KeyOf("shared").Name}/file"], await NamesAsync(account.Cache));
        Assert.True(await eraser.EraseAsync(BatchName.Parse("harbour"), CancellationToken.None));
        Assert.Empty(await NamesAsync(account.Cache));
    }

    [Fact]
    public async Task An_entry_of_so_many_batches_that_not_all_are_named_stays_while_one_of_them_uses_it()
    {
        await UseAsync(account, "holiday", "shared");
        for (var number = 0; number < 50; number++) await new ContentCache(account).UseAsync<string>(
            KeyOf("shared"), BatchName.Parse($"batch {number}"), CancellationToken.None);
        await UseAsync(account, "harbour", "shared");

        Assert.True(await eraser.EraseAsync(Holiday, CancellationToken.None));
        Assert.Contains(KeyOf("shared").Name, await NamesAsync(account.Cache));
    }

    [Fact]
    public async Task An_entry_that_another_batch_begins_to_use_during_the_deletion_stays()
    {
        await using var proxy = await StorageProxy.StartAsync(connectionString);
        var through = MediaAccount.Open(new StorageOptions { ConnectionString = proxy.ConnectionString });
        await UseAsync(account, "holiday", "shared");
        var deleting = proxy.Hold(request => request.Method == "DELETE" && request.Touches(KeyOf("shared").Name), afterwards: false);

        var erasing = Eraser(through).EraseAsync(Holiday, CancellationToken.None);
        Assert.Same(deleting.Reached, await Task.WhenAny(erasing, deleting.Reached));
        await UseAsync(account, "harbour", "shared");
        deleting.Release();

        Assert.True(await erasing);
        Assert.Equal([KeyOf("shared").Name, $"{KeyOf("shared").Name}/file"], await NamesAsync(account.Cache));
    }

    [Fact]
    public async Task A_batch_that_is_running_is_left_as_it_is()
    {
        await FillAsync("holiday", "a");
        await store.WriteAsync(new BatchState { Batch = Holiday, Phase = BatchPhase.Running, RunSeq = 1 }, CancellationToken.None);
        Assert.False(await eraser.EraseAsync(Holiday, CancellationToken.None));
        Assert.Equal(["holiday/a.txt"], await NamesAsync(account.Inbox));
        Assert.Contains("holiday/report.json", await NamesAsync(account.Results));
    }

    [Fact]
    public async Task Neither_the_memory_nor_a_mark_of_an_upload_nor_the_host_keeps_anything_of_a_batch()
    {
        await using var lease = (await OwnerLease.AcquireAsync(
            account, AccountOwner.Here("local", TimeProvider.System.GetUtcNow()), shared: false, TimeSpan.Zero, TimeProvider.System,
            NullLogger.Instance, CancellationToken.None)).Value;
        var ownership = new SoleOwnership(TimeProvider.System);
        ownership.Note(lease);
        var (cache, uploads, host) = (new ContentCache(account, ownership), new UploadMarks(account, TimeProvider.System), new StoredHost(store));
        await cache.StoreAsync(
            KeyOf("own"), Holiday, new CachedAnswer<string>("own", null, Usage.None, 0, DateTimeOffset.UnixEpoch), CancellationToken.None);
        await account.Cache.DeleteBlobAsync(KeyOf("own").Name);
        await using var mark = (await uploads.SetAsync(Holiday, CancellationToken.None)).Value;
        await store.WriteAsync(new BatchState { Batch = Holiday, RunSeq = 1 }, CancellationToken.None);

        Assert.True(await Eraser(account, cache, uploads, host).EraseAsync(Holiday, CancellationToken.None));

        Assert.Null(await cache.UseAsync<string>(KeyOf("own"), Holiday, CancellationToken.None));
        Assert.Null(await uploads.FindAsync(Holiday, CancellationToken.None));
        Assert.Equal([Holiday], host.Forgotten);
        Assert.Null(await store.ReadAsync(Holiday, CancellationToken.None));
    }

    [Fact]
    public async Task Reports_are_deleted_last_because_they_say_whose_the_other_files_are()
    {
        await FillAsync("holiday", "a");
        var log = new RequestLog();
        var watched = new BlobClientOptions();
        watched.AddPolicy(log, HttpPipelinePosition.PerCall);

        Assert.True(await Eraser(new MediaAccount(new BlobServiceClient(connectionString, watched))).EraseAsync(Holiday, CancellationToken.None));

        var deleted = log.InOrder.Where(r => r.StartsWith("DELETE results/", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            ["DELETE results/holiday/report.json", "DELETE results/holiday/runs/1/report.json"], deleted[^2..].Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_deletion_may_be_asked_for_again()
    {
        await FillAsync("holiday", "a");
        Assert.True(await eraser.EraseAsync(Holiday, CancellationToken.None));
        Assert.True(await eraser.EraseAsync(Holiday, CancellationToken.None));
        Assert.Empty(await NamesAsync(account.Inbox));
    }

    private static BatchEraser Eraser(MediaAccount account) => Eraser(
        account, new ContentCache(account), new UploadMarks(account, TimeProvider.System), new StoredHost(new BatchStore(account)));

    private static BatchEraser Eraser(MediaAccount account, ContentCache cache, UploadMarks uploads, StoredHost host) => new(
        account, new InboxListing(account, Options.Create(new PipelineOptions())), new RunStore(account), new BatchStore(account),
        new BatchResults(account), uploads, host, cache);

    /// <summary>Lists the requests of a deletion in an account with other batches, one of which shares an entry with the deleted one.</summary>
    private async Task<List<string>> RequestsAsync(int others)
    {
        var connection = azurite.NewConnectionString();
        var storage = MediaAccount.Open(new StorageOptions { ConnectionString = connection });
        await storage.CreateContainersAsync(CancellationToken.None);
        await UseAsync(storage, "holiday", "own", "shared");
        await UseAsync(storage, "harbour", "shared", "of the harbour");
        for (var number = 2; number <= others; number++) await UseAsync(storage, $"batch {number}", $"entry {number}");

        var log = new RequestLog();
        var watched = new BlobClientOptions();
        watched.AddPolicy(log, HttpPipelinePosition.PerCall);
        Assert.True(await Eraser(new MediaAccount(new BlobServiceClient(connection, watched))).EraseAsync(Holiday, CancellationToken.None));
        return log.Requests;
    }

    /// <summary>Has a step of a batch use each entry, as a step does: it stores what is not there, and notes the batch in any case.</summary>
    private static async Task UseAsync(MediaAccount account, string batch, params string[] entries)
    {
        var (cache, run) = (new ContentCache(account), new RunReference(BatchName.Parse(batch), 1));
        foreach (var (entry, index) in entries.Select((entry, index) => (entry, index)))
        {
            var key = KeyOf(entry);
            if (await cache.UseAsync<string>(key, run.Batch, CancellationToken.None) is null)
            {
                await PutAsync(account.Cache, $"{key.Name}/file");
                await cache.StoreAsync(
                    key, run.Batch, new CachedAnswer<string>(entry, null, Usage.None, 0, DateTimeOffset.UnixEpoch), CancellationToken.None);
            }

            await RunSketch.WriteUseAsync(new RunStore(account), new ItemReference(run, index), key.Name);
        }
    }

    private static CacheKey KeyOf(string content) => CacheKey.Create(
        StepNames.OptimizeImage, ContentHash.Compute(Encoding.UTF8.GetBytes(content)));

    private async Task FillAsync(string batch, string file)
    {
        var run = new RunSketch(batch);
        run.AddText($"{file}.txt", "A note.");
        await PutAsync(account.Inbox, $"{batch}/{file}.txt");
        await run.StoreAsync(runs);
        await runs.WriteRecordAsync(
            new ItemReference(run.Run, 0), run.Items[0].Records[0] with { CacheName = $"read-text/{file}" }, CancellationToken.None);
        foreach (var report in new[] { "report.json", "report.md", "runs/1/report.json", "runs/1/items/0.json" }) await PutAsync(
            account.Results, $"{run.Run.Batch.ResultsFolder}/{report}");
        await store.WriteAsync(new BatchState { Batch = run.Run.Batch, RunSeq = 1 }, CancellationToken.None);
    }

    private static async Task PutAsync(BlobContainerClient container, string name, string content = "content") =>
        await container.GetBlobClient(name).UploadAsync(BinaryData.FromString(content), overwrite: true);

    private static async Task<List<string>> NamesAsync(BlobContainerClient container) =>
        await container.GetBlobsAsync(new()).Select(b => b.Name).ToListAsync();

    /// <summary>A host whose batches are where the local host keeps them, and that starts no runs and deletes no state.</summary>
    internal sealed class StoredHost(BatchStore store) : IBatchHost
    {
        public string Kind => "local";

        public List<BatchName> Forgotten { get; } = [];

        public Task SignalDroppedAsync(BatchName batch, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task SignalStartAsync(BatchName batch, RunScope scope, CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task<BatchState?> ReadStateAsync(BatchName batch, CancellationToken cancellationToken) =>
            (await store.ReadAsync(batch, cancellationToken))?.Value;

        public Task ForgetAsync(BatchName batch, CancellationToken cancellationToken)
        {
            Forgotten.Add(batch);
            return Task.CompletedTask;
        }
    }

    /// <summary>The requests to storage, each with its method, its container, and the prefix of a listing.</summary>
    private sealed class RequestLog : HttpPipelineSynchronousPolicy
    {
        private readonly ConcurrentQueue<string> requests = new();

        public List<string> InOrder => [.. requests];

        public List<string> Requests => [.. requests.Order(StringComparer.Ordinal)];

        public override void OnSendingRequest(HttpMessage message)
        {
            var uri = message.Request.Uri.ToUri();
            var query = HttpUtility.ParseQueryString(uri.Query);
            var path = query["comp"] == "list" ? $"{uri.Segments[^1]} list {query["prefix"]}" : string.Concat(uri.Segments.Skip(2));
            requests.Enqueue($"{message.Request.Method} {path}");
        }
    }
}
