using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Batches;

[Collection(SharedAzurite.Name)]
public sealed class BatchStoreTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(1_234_567);

    private MediaAccount account = null!;
    private BatchStore store = null!;

    public async Task InitializeAsync() => store = new BatchStore(account = await azurite.NewAccountAsync());

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_state_is_read_as_it_was_written()
    {
        var state = New("Räksmörgås 会議/2026") with
        {
            Phase = BatchPhase.Quiet, RunSeq = 7, Scope = RunScope.Failed, QuietUntil = Noon, WakeArmed = true, Dirty = true, StartAgain = true,
            StartedAt = Noon.AddMinutes(-2), FinishedAt = Noon.AddMinutes(-1), LastStatus = RunStatus.PartiallySucceeded, LastDigest = "digest",
        };
        await store.WriteAsync(state, CancellationToken.None);
        Assert.Equal(state, (await store.ReadAsync(state.Batch, CancellationToken.None))?.Value);
        Assert.Null(await store.ReadAsync(BatchName.Parse("another"), CancellationToken.None));
    }

    [Fact]
    public async Task A_state_that_somebody_else_wrote_since_is_not_overwritten()
    {
        var state = New("holiday");
        Assert.True(await store.TryWriteAsync(state, etag: null, CancellationToken.None));
        Assert.False(await store.TryWriteAsync(state with { RunSeq = 9 }, etag: null, CancellationToken.None));
        var read = (await store.ReadAsync(state.Batch, CancellationToken.None))!;
        Assert.True(await store.TryWriteAsync(state with { RunSeq = 1 }, read.ETag, CancellationToken.None));
        Assert.False(await store.TryWriteAsync(state with { RunSeq = 2 }, read.ETag, CancellationToken.None));
        Assert.Equal(1, (await store.ReadAsync(state.Batch, CancellationToken.None))?.Value.RunSeq);
    }

    [Fact]
    public async Task Two_batches_have_two_states_even_if_one_is_named_like_the_hash_of_the_other()
    {
        var longer = New(new string('x', 600));
        foreach (var name in new[] { longer.Batch.Value, longer.Batch.Key, longer.Batch.ResultsFolder })
        {
            await store.WriteAsync(New(name), CancellationToken.None);
        }

        Assert.Equal(longer, (await store.ReadAsync(longer.Batch, CancellationToken.None))?.Value);
        Assert.Equal(3, (await store.ListAsync(prefix: null, after: null, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_state_that_version_1_0_kept_elsewhere_is_found_listed_once_and_deleted()
    {
        var state = New(new string('x', 600)) with { RunSeq = 7 };
        var metadata = await LeaveWhereVersion10KeptItAsync(state);

        Assert.Equal(state, (await store.ReadAsync(state.Batch, CancellationToken.None))?.Value);
        Assert.True(await store.TryWriteAsync(
            state with { RunSeq = 8 }, (await store.ReadAsync(state.Batch, CancellationToken.None))!.ETag, CancellationToken.None));
        await account.State.WriteJsonAsync($"batches/{state.Batch.Key}.json", state, metadata, CancellationToken.None);
        Assert.Equal(8, Assert.Single(await store.ListAsync(prefix: null, after: null, CancellationToken.None)).RunSeq);

        await store.DeleteAsync(state.Batch, CancellationToken.None);
        Assert.Empty(await store.ListAsync(prefix: null, after: null, CancellationToken.None));
    }

    [Fact]
    public async Task A_state_that_is_written_again_leaves_nothing_where_version_1_0_kept_it()
    {
        var state = New(new string('x', 600)) with { RunSeq = 7 };
        var earlier = account.State.GetBlobClient($"batches/{state.Batch.Key}.json");
        await LeaveWhereVersion10KeptItAsync(state);
        await store.WriteAsync(state with { RunSeq = 8 }, CancellationToken.None);
        Assert.False(await earlier.ExistsAsync());

        await LeaveWhereVersion10KeptItAsync(state);
        Assert.NotNull(await store.TryReplaceAsync(state with { RunSeq = 8 }, etag: null, CancellationToken.None));
        Assert.False(await earlier.ExistsAsync());
    }

    [Fact]
    public async Task Two_readers_of_a_state_that_version_1_0_kept_elsewhere_both_find_it()
    {
        var state = New(new string('x', 600)) with { RunSeq = 7 };
        var connection = azurite.NewConnectionString();
        await using var proxy = await StorageProxy.StartAsync(connection);
        (account, store) = await OpenAsync(connection);
        await LeaveWhereVersion10KeptItAsync(state);
        var moving = proxy.Hold(request => request.IsUpload && request.Touches("/batches/"), afterwards: false);

        var slow = new BatchStore((await OpenAsync(proxy.ConnectionString)).Account).ReadAsync(state.Batch, CancellationToken.None);
        await moving.Reached;
        Assert.Equal(state, (await store.ReadAsync(state.Batch, CancellationToken.None))?.Value);
        moving.Release();

        Assert.Equal(state, (await slow)?.Value);
    }

    [Fact]
    public async Task A_state_that_another_batch_stores_where_version_1_0_kept_this_one_stays()
    {
        var state = New(new string('x', 600)) with { RunSeq = 7 };
        var other = New(state.Batch.Key) with { RunSeq = 3 };
        var connection = azurite.NewConnectionString();
        await using var proxy = await StorageProxy.StartAsync(connection);
        (account, store) = await OpenAsync(connection);
        await LeaveWhereVersion10KeptItAsync(state);
        var deleting = proxy.Hold(request => request.Method == "DELETE" && request.Touches(state.Batch.Key), afterwards: false);

        var slow = new BatchStore((await OpenAsync(proxy.ConnectionString)).Account).DeleteAsync(state.Batch, CancellationToken.None);
        await deleting.Reached;
        await store.WriteAsync(other, CancellationToken.None);
        deleting.Release();
        await slow;

        Assert.Equal(other, (await store.ReadAsync(other.Batch, CancellationToken.None))?.Value);
    }

    [Fact]
    public async Task A_state_of_another_batch_is_not_taken_for_the_one_that_version_1_0_kept_there()
    {
        var longer = BatchName.Parse(new string('x', 600));
        var other = New(longer.Key);
        await store.WriteAsync(other, CancellationToken.None);

        Assert.Null(await store.ReadAsync(longer, CancellationToken.None));
        await store.DeleteAsync(longer, CancellationToken.None);
        Assert.Equal(other, (await store.ReadAsync(other.Batch, CancellationToken.None))?.Value);
    }

    [Fact]
    public async Task A_list_shows_what_matters_of_each_batch_without_reading_it()
    {
        await store.WriteAsync(New("never run"), CancellationToken.None);
        await store.WriteAsync(
            New("rested") with { RunSeq = 3, FinishedAt = Noon, LastStatus = RunStatus.Failed, LastDigest = "digest" }, CancellationToken.None);
        await store.WriteAsync(
            New("waiting") with { Phase = BatchPhase.Held, HeldFor = HoldReason.Upload, IsEmpty = true }, CancellationToken.None);
        await foreach (var blob in account.State.GetBlobsAsync(new()))
        {
            var properties = (await account.State.GetBlobClient(blob.Name).GetPropertiesAsync()).Value;
            await account.State.GetBlobClient(blob.Name)
                .UploadAsync(BinaryData.FromString("no state"), new BlobUploadOptions { Metadata = properties.Metadata });
        }

        Assert.Equal(
            [
                new BatchCard(BatchName.Parse("never run"), BatchPhase.Resting, 0, null, null, null),
                new BatchCard(BatchName.Parse("rested"), BatchPhase.Resting, 3, RunStatus.Failed, Noon, "digest"),
                new BatchCard(BatchName.Parse("waiting"), BatchPhase.Held, 0, null, null, null, IsEmpty: true, HoldReason.Upload),
            ],
            await store.ListAsync(prefix: null, after: null, CancellationToken.None));
    }

    [Theory]
    [InlineData(null, null, "B a a b a-b ü")]
    [InlineData("a", null, "a a b a-b")]
    [InlineData(null, "a", "a b a-b ü")]
    [InlineData("a", "a b", "a-b")]
    [InlineData("x", null, "")]
    public async Task A_list_is_in_the_order_of_names_from_any_place_on(string? prefix, string? after, string expected)
    {
        foreach (var name in new[] { "ü", "a-b", "a b", "a", "B" }) await store.WriteAsync(New(name), CancellationToken.None);
        Assert.Equal(expected, string.Join(' ', (await store.ListAsync(prefix, after, CancellationToken.None)).Select(c => c.Batch.Value)));
    }

    [Fact]
    public async Task A_batch_with_a_long_name_is_listed_under_its_name()
    {
        var name = new string('n', 1024);
        await store.WriteAsync(New(name), CancellationToken.None);
        Assert.Equal(name, Assert.Single(await store.ListAsync(null, null, CancellationToken.None)).Batch.Value);
    }

    [Fact]
    public async Task A_blob_that_no_host_wrote_is_no_batch()
    {
        await account.State.GetBlobClient("batches/stray.json").UploadAsync(BinaryData.FromString("{}"));
        await account.State.GetBlobClient("batches/bad.json")
            .UploadAsync(BinaryData.FromString("{}"), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["batch"] = "Li4v" } });
        Assert.Empty(await store.ListAsync(null, null, CancellationToken.None));
    }

    [Fact]
    public async Task A_batch_may_be_deleted_twice()
    {
        await store.WriteAsync(New("holiday"), CancellationToken.None);
        await store.DeleteAsync(BatchName.Parse("holiday"), CancellationToken.None);
        await store.DeleteAsync(BatchName.Parse("holiday"), CancellationToken.None);
        Assert.Empty(await store.ListAsync(null, null, CancellationToken.None));
    }

    private async Task<IDictionary<string, string>> LeaveWhereVersion10KeptItAsync(BatchState state)
    {
        await store.WriteAsync(state, CancellationToken.None);
        var stored = account.State.GetBlobClient($"batches/{state.Batch.ResultsFolder}.json");
        var metadata = (await stored.GetPropertiesAsync()).Value.Metadata;
        await stored.DeleteAsync();
        await account.State.WriteJsonAsync($"batches/{state.Batch.Key}.json", state, metadata, CancellationToken.None);
        return metadata;
    }

    private static async Task<(MediaAccount Account, BatchStore Store)> OpenAsync(string connection)
    {
        var opened = MediaAccount.Open(new StorageOptions { ConnectionString = connection });
        await opened.CreateContainersAsync(CancellationToken.None);
        return (opened, new BatchStore(opened));
    }

    private static BatchState New(string name) => new() { Batch = BatchName.Parse(name) };
}
