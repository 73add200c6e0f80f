using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Functions.Batches;
using MultiModal.Functions.Hosting;
using MultiModal.Functions.Upkeep;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Functions.Tests.Upkeep;

[Collection(SharedAzurite.Name)]
public sealed class BatchSweepTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly BatchName Batch = BatchName.Parse("holiday");
    private static readonly RunReference Run = new(Batch, 3);

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly TaskHub hub = new();
    private MediaAccount account = null!;
    private BatchStore store = null!;
    private RunStore runs = null!;

    public async Task InitializeAsync()
    {
        account = await azurite.NewAccountAsync();
        (store, runs) = (new BatchStore(account), new RunStore(account));
        await store.WriteAsync(
            new BatchState { Batch = Batch, Phase = BatchPhase.Running, RunSeq = Run.RunSeq, StartedAt = time.GetUtcNow() }, CancellationToken.None);
    }

    public async Task DisposeAsync() => await hub.DisposeAsync();

    [Fact]
    public async Task A_run_that_waits_behind_a_backlog_is_not_started_a_second_time()
    {
        Assert.False(await IsGivenUpAfterAsync(TimeSpan.FromMinutes(29)));
        Assert.True(await IsGivenUpAfterAsync(TimeSpan.FromMinutes(31)));
    }

    [Fact]
    public async Task A_run_that_began_and_was_purged_is_given_up_after_two_minutes()
    {
        await runs.WriteHeaderAsync(
            Run, new InventoryHeader { Count = 0, Digest = "digest", Ignored = 0, StartedAt = time.GetUtcNow(), Options = BatchOptions.Default },
            CancellationToken.None);
        Assert.False(await IsGivenUpAfterAsync(TimeSpan.FromMinutes(1)));
        Assert.True(await IsGivenUpAfterAsync(TimeSpan.FromMinutes(3)));
    }

    [Theory]
    [InlineData(OrchestrationRuntimeStatus.Pending, 0)]
    [InlineData(OrchestrationRuntimeStatus.Running, 0)]
    [InlineData(OrchestrationRuntimeStatus.Suspended, 0)]
    [InlineData(OrchestrationRuntimeStatus.Failed, 2)]
    [InlineData(OrchestrationRuntimeStatus.Terminated, 2)]
    [InlineData(OrchestrationRuntimeStatus.Completed, 30)]
    public async Task A_run_with_an_instance_is_given_up_only_once_it_has_ended_and_its_batch_should_know(
        OrchestrationRuntimeStatus status, int minutes)
    {
        hub.Instances[BatchSignals.InstanceOf(Batch, Run.RunSeq)] = new OrchestrationMetadata(
            BatchSignals.RunOrchestration, BatchSignals.InstanceOf(Batch, Run.RunSeq))
        {
            RuntimeStatus = status,
            CreatedAt = time.GetUtcNow(),
            LastUpdatedAt = time.GetUtcNow(),
        };
        if (minutes > 0) Assert.False(await IsGivenUpAfterAsync(TimeSpan.FromMinutes(minutes - 1)));
        Assert.Equal(minutes > 0, await IsGivenUpAfterAsync(TimeSpan.FromMinutes(minutes + 1)));
    }

    [Theory]
    [InlineData(BatchPhase.Resting)]
    [InlineData(BatchPhase.Held)]
    public async Task The_sweep_signals_an_emptied_batch_once(BatchPhase phase)
    {
        await store.WriteAsync(
            new BatchState { Batch = Batch, Phase = phase, RunSeq = 1, LastStatus = RunStatus.Succeeded, LastDigest = "digest" },
            CancellationToken.None);
        await SweepAsync();
        Assert.Equal((BatchSignals.EntityOf(Batch), "Swept", new SweptBatch(Batch, Digest: null)), Assert.Single(hub.Signals));

        await store.WriteAsync(
            new BatchState { Batch = Batch, RunSeq = 1, LastStatus = RunStatus.Succeeded, LastDigest = "digest", IsEmpty = true },
            CancellationToken.None);
        await SweepAsync();
        Assert.Single(hub.Signals);
    }

    [Theory]
    [InlineData(HoldReason.Upload, 1)]
    [InlineData(HoldReason.Start, 0)]
    public async Task The_sweep_asks_after_the_upload_that_a_batch_is_held_for(HoldReason reason, int signals)
    {
        await account.Inbox.GetBlobClient($"{Batch.Value}/a.txt").UploadAsync(BinaryData.FromString("a"));
        await store.WriteAsync(new BatchState { Batch = Batch, Phase = BatchPhase.Held, HeldFor = reason }, CancellationToken.None);
        await SweepAsync();
        Assert.Equal(signals, hub.Signals.Count(s => s.Item2 == "Swept"));
    }

    private async Task<bool> IsGivenUpAfterAsync(TimeSpan sinceStart)
    {
        time.SetUtcNow(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero) + sinceStart);
        hub.Signals.Clear();
        await SweepAsync();
        if (hub.Signals.Count == 0) return false;
        Assert.Equal((BatchSignals.EntityOf(Batch), "Finished", new RunEnd(Batch, Run.RunSeq, Result: null)), Assert.Single(hub.Signals));
        return true;
    }

    private async Task SweepAsync()
    {
        var (clients, options) = (new DurableClients(), Options.Create(new PipelineOptions()));
        clients.Provide(hub);
        var sweep = new BatchSweep(
            new InboxListing(account, options), store, runs, new DurableBatchHost(clients, store), clients, options, time,
            NullLogger<BatchSweep>.Instance);
        await sweep.SweepAsync(CancellationToken.None);
    }
}
