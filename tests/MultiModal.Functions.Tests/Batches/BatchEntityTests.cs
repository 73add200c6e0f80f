using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Functions.Batches;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Functions.Tests.Batches;

[Collection(SharedAzurite.Name)]
public sealed class BatchEntityTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly BatchName Batch = BatchName.Parse("Ferien 2026/Tag 1");
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly IOptions<PipelineOptions> options = Options.Create(new PipelineOptions { BatchDepth = 2 });
    private MediaAccount account = null!;
    private BatchStore store = null!;
    private EntityHub entity = null!;

    public async Task InitializeAsync()
    {
        account = await azurite.NewAccountAsync();
        store = new BatchStore(account);
        entity = Hub(account);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_drop_is_run_once_it_has_been_quiet_for_long_enough()
    {
        await DropAsync();
        var wake = Assert.Single(entity.Signals);
        Assert.Equal(("Woke", time.GetUtcNow() + Quiet), (wake.Operation, wake.At));
        Assert.Equal(BatchPhase.Quiet, (await ProjectedAsync())!.Phase);

        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        var run = Assert.Single(entity.Started);
        Assert.Equal($"{Batch.Key}-1", run.Instance);
        Assert.Equal(
            new RunReference(Batch, 1, BatchSince: time.GetUtcNow()), JsonSerializer.Deserialize<RunReference>(run.Input, PipelineJson.Options));
        Assert.Equal(BatchPhase.Running, (await ProjectedAsync())!.Phase);
    }

    [Fact]
    public async Task One_thousand_drops_leave_one_wake_up_and_a_small_state()
    {
        await DropAsync();
        for (var i = 1; i < 1000; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await entity.CallAsync("Dropped", Batch);
        }

        Assert.Single(entity.Signals);
        Assert.True(JsonSerializer.Serialize(entity.State, PipelineJson.Options).Length < 1024);

        // Drops moved the end of the window: the one wake-up that comes arms the one that is right.
        await entity.CallAsync("Woke", Batch);
        Assert.Empty(entity.Started);
        Assert.Equal(2, entity.Signals.Count);
        Assert.Equal(time.GetUtcNow() + Quiet, entity.Signals[^1].At);
    }

    [Fact]
    public async Task A_resting_batch_keeps_no_state_and_continues_its_run_numbers()
    {
        await RunOnceAsync();
        Assert.Null(entity.State);
        var rested = await ProjectedAsync();
        Assert.Equal((BatchPhase.Resting, 1, RunStatus.Succeeded, "digest"), (rested!.Phase, rested.RunSeq, rested.LastStatus, rested.LastDigest));

        await DropAsync();
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        Assert.Equal($"{Batch.Key}-2", entity.Started[^1].Instance);
    }

    [Fact]
    public async Task A_drop_during_a_run_is_run_again()
    {
        await DropAsync();
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        await entity.CallAsync("Dropped", Batch);
        await FinishAsync(1);
        Assert.Equal(BatchPhase.Quiet, entity.State!.Phase);
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        Assert.Equal(2, entity.Started.Count);
    }

    [Fact]
    public async Task A_run_that_ended_without_a_report_is_tried_again()
    {
        await DropAsync();
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        await entity.CallAsync("Finished", new RunEnd(Batch, 1, null));
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        Assert.Equal($"{Batch.Key}-2", entity.Started[^1].Instance);
    }

    [Fact]
    public async Task Runs_that_end_without_a_report_follow_each_other_ever_more_slowly_until_one_ends_with_one()
    {
        await DropAsync();
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        for (var run = 1; run <= 4; run++)
        {
            await entity.CallAsync("Finished", new RunEnd(Batch, run, null));
            var pause = Quiet * Math.Pow(2, run - 1);
            Assert.Equal(("Woke", time.GetUtcNow() + pause), (entity.Signals[^1].Operation, entity.Signals[^1].At));
            time.Advance(pause);
            await entity.CallAsync("Woke", Batch);
        }

        await FinishAsync(5);
        Assert.Null(entity.State);
        Assert.Equal(0, (await ProjectedAsync())!.BrokenRuns);
    }

    [Fact]
    public async Task A_batch_whose_only_file_is_deleted_before_it_runs_is_at_rest_and_empty()
    {
        await DropAsync();
        await account.Inbox.GetBlobClient($"{Batch.Value}/a.txt").DeleteAsync();
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        Assert.Empty(entity.Started);
        Assert.Null(entity.State);
        var projected = await ProjectedAsync();
        Assert.Equal((BatchPhase.Resting, true), (projected!.Phase, projected.IsEmpty));
    }

    [Fact]
    public async Task The_end_of_another_run_means_nothing()
    {
        await DropAsync();
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        var running = entity.State;
        await FinishAsync(7);
        Assert.Equal(running, entity.State);
    }

    [Fact]
    public async Task A_batch_with_a_manual_start_is_held_until_it_is_started()
    {
        await account.Inbox.GetBlobClient(BatchOptionsFile.BlobName(Batch)).UploadAsync(BinaryData.FromString("""{ "start": "manual" }"""));
        await DropAsync();
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        Assert.Empty(entity.Started);
        Assert.Equal(BatchPhase.Held, (await ProjectedAsync())!.Phase);
        Assert.Null(entity.State);

        await entity.CallAsync("StartRequested", new StartWish(Batch, RunScope.All));
        Assert.Single(entity.Started);
    }

    [Fact]
    public async Task A_batch_is_held_during_an_upload_until_a_sweep_finds_it_completed()
    {
        var uploads = new UploadMarks(account, TimeProvider.System);
        await using var mark = (await uploads.SetAsync(Batch, CancellationToken.None)).Value;
        await DropAsync();
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        await entity.CallAsync("Swept", new SweptBatch(Batch, "digest"));
        Assert.Empty(entity.Started);
        Assert.Equal((BatchPhase.Held, HoldReason.Upload), ((await ProjectedAsync())!.Phase, (await ProjectedAsync())!.HeldFor));

        await mark.ClearAsync(CancellationToken.None);
        await entity.CallAsync("Swept", new SweptBatch(Batch, "digest"));
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        Assert.Single(entity.Started);
    }

    [Fact]
    public async Task A_request_for_failed_items_reaches_the_run()
    {
        await RunOnceAsync();
        await entity.CallAsync("StartRequested", new StartWish(Batch, RunScope.Failed));
        Assert.Equal(
            new RunReference(Batch, 2, RunScope.Failed, time.GetUtcNow()),
            JsonSerializer.Deserialize<RunReference>(entity.Started[^1].Input, PipelineJson.Options));
    }

    [Fact]
    public async Task A_sweep_starts_batches_that_no_event_reported()
    {
        await account.Inbox.GetBlobClient($"{Batch.Value}/missed.txt").UploadAsync(BinaryData.FromString("missed"));
        await entity.CallAsync("Swept", new SweptBatch(Batch, "a digest"));
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        Assert.Single(entity.Started);
    }

    [Fact]
    public async Task An_uncommitted_start_is_repeated()
    {
        await account.Inbox.GetBlobClient($"{Batch.Value}/a.txt").UploadAsync(BinaryData.FromString("a"));
        await entity.CallAndDieAsync("StartRequested", new StartWish(Batch, RunScope.All));
        Assert.Equal(BatchPhase.Running, (await ProjectedAsync())!.Phase);
        Assert.Empty(entity.Started);

        await entity.CallAsync("StartRequested", new StartWish(Batch, RunScope.All));
        Assert.Single(entity.Started);
        Assert.Equal(entity.State, await ProjectedAsync());
    }

    [Fact]
    public async Task A_run_that_is_nowhere_to_be_found_frees_its_batch_for_the_sweep()
    {
        await store.WriteAsync(new BatchState { Batch = Batch, Phase = BatchPhase.Running, RunSeq = 3, LastDigest = "old" }, CancellationToken.None);
        await entity.CallAsync("Finished", new RunEnd(Batch, 3, null));
        var freed = await ProjectedAsync();
        Assert.Equal((BatchPhase.Resting, 3, null), (freed!.Phase, freed.RunSeq, freed.LastDigest));

        await entity.CallAsync("Swept", new SweptBatch(Batch, "old"));
        Assert.Equal(BatchPhase.Quiet, entity.State!.Phase);
    }

    [Fact]
    public async Task An_event_that_a_fault_of_storage_breaks_comes_again()
    {
        var unreachable = MediaAccount.Open(
            new StorageOptions {
                ConnectionString = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:9/a;" }, maxRetries: 0);
        var cut = Hub(unreachable);
        await cut.CallAsync("Dropped", Batch);
        var again = Assert.Single(cut.Signals);
        Assert.Equal("Dropped", again.Operation);
        Assert.Equal(Batch, JsonSerializer.Deserialize<BatchName>(again.Input, PipelineJson.Options));
        Assert.True(again.At > time.GetUtcNow());
    }

    [Fact]
    public async Task An_event_that_a_refused_token_breaks_comes_again()
    {
        var cut = Hub(new TokenFaults { Refuses = _ => true }.OpenAccount(azurite.NewConnectionString()));
        await cut.CallAsync("Dropped", Batch);
        Assert.Equal("Dropped", Assert.Single(cut.Signals).Operation);
    }

    [Fact]
    public async Task A_deleted_batch_is_forgotten_and_its_late_wake_up_wakes_nothing()
    {
        await DropAsync();
        await entity.CallAsync("Forget", Batch);
        await store.DeleteAsync(Batch, CancellationToken.None);
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        Assert.Null(entity.State);
        Assert.Null(await ProjectedAsync());
        Assert.Empty(entity.Started);
    }

    [Fact]
    public async Task A_running_batch_is_not_forgotten()
    {
        await DropAsync();
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        await entity.CallAsync("Forget", Batch);
        Assert.Equal(BatchPhase.Running, entity.State!.Phase);
    }

    [Fact]
    public void Every_operation_that_is_signalled_exists()
    {
        var operations = typeof(BatchEntity).GetMethods().Where(m => m.DeclaringType == typeof(BatchEntity) && !m.IsStatic).Select(m => m.Name);
        Assert.Equal(["Dropped", "Finished", "Forget", "StartRequested", "Swept", "Woke"], operations.Order(StringComparer.Ordinal));
    }

    private EntityHub Hub(MediaAccount on)
    {
        var uploads = new UploadMarks(on, TimeProvider.System);
        var (batches, wake) = (new BatchStore(on), new BatchWake(on, new InboxListing(on, options), uploads, TimeProvider.System));
        return new EntityHub(() => new BatchEntity(batches, wake, on, options, time, NullLogger<BatchEntity>.Instance), Batch);
    }

    private async Task DropAsync()
    {
        await account.Inbox.GetBlobClient($"{Batch.Value}/a.txt").UploadAsync(BinaryData.FromString("a"), overwrite: true);
        await entity.CallAsync("Dropped", Batch);
    }

    private Task FinishAsync(int runSeq) =>
        entity.CallAsync("Finished", new RunEnd(Batch, runSeq, new RunResult(runSeq, RunStatus.Succeeded, "digest")));

    private async Task RunOnceAsync()
    {
        await DropAsync();
        time.Advance(Quiet);
        await entity.CallAsync("Woke", Batch);
        await FinishAsync(1);
    }

    private async Task<BatchState?> ProjectedAsync() => (await store.ReadAsync(Batch, CancellationToken.None))?.Value;
}
