using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MultiModal.Faults.Tests.Hosts;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Faults.Tests.Storage;

[Collection(SharedAzurite.Name)]
public sealed class StorageFaultTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string direct = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;
    private StorageProxy proxy = null!;
    private MediaAccount account = null!;

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        proxy = await StorageProxy.StartAsync(direct);
        account = MediaAccount.Open(new StorageOptions { ConnectionString = direct });
        await account.CreateContainersAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await proxy.DisposeAsync();
        await simulator.DisposeAsync();
    }

    [Theory]
    [InlineData(StorageFaultKind.AnswerLost)]
    [InlineData(StorageFaultKind.PreconditionFailed)]
    [InlineData(StorageFaultKind.Dropped)]
    [InlineData(StorageFaultKind.InternalError)]
    public async Task A_conditional_write_knows_its_own_work(StorageFaultKind kind)
    {
        var throughProxy = MediaAccount.Open(new StorageOptions { ConnectionString = proxy.ConnectionString }).State;
        proxy.Plan = new StorageFaultPlan(1, 1, kind) { Only = r => r.IsUpload, First = 1 };
        Assert.True(await throughProxy.TryWriteJsonAsync("document.json", new Note("first"), etag: null, CancellationToken.None));
        var written = (await account.State.ReadJsonAsync<Note>("document.json", CancellationToken.None))!;

        proxy.Plan = new StorageFaultPlan(1, 1, kind) { Only = r => r.IsUpload && r.Arrival > 2, First = 3 };
        Assert.True(await throughProxy.TryWriteJsonAsync("document.json", new Note("second"), written.ETag, CancellationToken.None));
        proxy.Plan = StorageFaultPlan.None;
        Assert.False(await throughProxy.TryWriteJsonAsync("document.json", new Note("third"), written.ETag, CancellationToken.None));
        Assert.False(await throughProxy.TryWriteJsonAsync("document.json", new Note("third"), etag: null, CancellationToken.None));
        Assert.Equal("second", (await account.State.ReadJsonAsync<Note>("document.json", CancellationToken.None))!.Value.Text);
    }

    [Theory]
    [InlineData(StorageFaultKind.AnswerLost)]
    [InlineData(StorageFaultKind.PreconditionFailed)]
    [InlineData(StorageFaultKind.Dropped)]
    [InlineData(StorageFaultKind.AnswerCut)]
    public async Task A_run_whose_every_request_fails_once_is_as_good_as_any(StorageFaultKind kind)
    {
        await using var process = new PipelineProcess(proxy.ConnectionString, simulator);
        await DropAsync("rough/a.jpg", TestImage.Jpeg(1));
        await DropAsync("rough/b.jpg", TestImage.Jpeg(2));
        await DropAsync("rough/c.txt", "The ferry leaves at nine."u8.ToArray());
        proxy.Plan = new StorageFaultPlan(1, 1, kind) { First = 1 };
        var report = await process.RunAsync("rough");
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.Empty(simulator.Bill.PaidTwice());
        Assert.NotEmpty(proxy.Injected);
        await new Invariants(direct, simulator).HoldAsync([BatchName.Parse("rough")]);
    }

    [Fact]
    public async Task An_unchanged_file_is_not_reported_as_changed()
    {
        await using var process = new PipelineProcess(proxy.ConnectionString, simulator);
        await DropAsync("same/a.txt", "The ferry leaves at nine."u8.ToArray());
        proxy.Plan = new StorageFaultPlan(
            1, 1, StorageFaultKind.PreconditionFailed) { Only = r => r is { Method: "GET", IsConditional: true } && r.Touches("/inbox/"), First = 2 };
        Assert.Equal(RunStatus.Succeeded, (await process.RunAsync("same")).Status);
        Assert.Equal(2, proxy.Injected[StorageFaultKind.PreconditionFailed]);
    }

    [Fact]
    public async Task A_host_over_faulty_storage_brings_every_batch_to_rest()
    {
        proxy.Plan = new StorageFaultPlan(7, 0.05, Enum.GetValues<StorageFaultKind>());
        await using var host = LocalHostProgram.Start(["serve"], HostSettings.For(proxy.ConnectionString, simulator));
        for (var batch = 0; batch < 5; batch++)
        {
            for (var item = 0; item < 4; item++) await DropAsync($"batch{batch}/{item}.jpg", TestImage.Jpeg((batch * 3) + item));
            await DropAsync($"batch{batch}/note.txt", "The baker promised twice as many loaves."u8.ToArray());
        }

        var invariants = new Invariants(direct, simulator);
        await invariants.HoldAsync(await invariants.AtRestAsync(host));
        Assert.NotEmpty(proxy.Injected);
    }

    [Fact]
    public async Task An_owner_lease_survives_an_unfounded_refusal()
    {
        var throughProxy = MediaAccount.Open(new StorageOptions { ConnectionString = proxy.ConnectionString });
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var lease = (await OwnerLease.AcquireAsync(
            throughProxy, AccountOwner.Here("local", DateTimeOffset.UtcNow), shared: false, TimeSpan.Zero, time, NullLogger.Instance,
            CancellationToken.None)).Value;
        await account.State.GetBlobClient("owner.json").GetPropertiesAsync();
        var renewals = proxy.Hold(r => r.Touches("comp=lease") && r.Arrival >= 2, afterwards: true);

        // What a pause past the lease does, breaking it does at once: a renewal is refused then, and the account is still ours.
        await new Azure.Storage.Blobs.Specialized.BlobLeaseClient(account.State.GetBlobClient("owner.json")).BreakAsync(TimeSpan.Zero);
        time.Advance(TimeSpan.FromSeconds(15));
        await renewals.Reached;
        renewals.Release();
        await Eventually.IsAsync("the lease is held again", async () =>
            (await account.State.GetBlobClient("owner.json").GetPropertiesAsync()).Value.LeaseState == Azure.Storage.Blobs.Models.LeaseState.Leased
                ? this : null);
        Assert.False(lease.Lost.IsCancellationRequested);
    }

    private async Task DropAsync(string name, byte[] content) =>
        await account.Inbox.GetBlobClient(name).UploadAsync(new BinaryData(content), overwrite: true);

    private sealed record Note(string Text);

    [Fact]
    public async Task A_fault_that_retries_resolve_is_in_the_log_the_metrics_and_the_report()
    {
        // More than the storage client's own tries, fewer than twice as many.
        proxy.Plan = new StorageFaultPlan(1, 1.0, StorageFaultKind.Busy) { Only = r => r.Touches("/cache/optimize-image/"), First = 8 };
        simulator.Play(new ScriptRule(new Fault(FaultKind.ServerError) { Status = 503 }) { First = 1 });
        var counted = new ConcurrentDictionary<string, long>();
        using var meters =
            new MeterListener {
                InstrumentPublished = (instrument,
                    listener) => { if (instrument.Meter.Name == Telemetry.Name) listener.EnableMeasurementEvents(instrument); } };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            foreach (var tag in tags) counted.AddOrUpdate($"{instrument.Name} {tag.Value}", value, (_, sum) => sum + value);
        });
        meters.Start();
        using var logs = new ScopedLines();
        await using var process = new PipelineProcess(proxy.ConnectionString, simulator, services => services.AddSingleton<ILoggerProvider>(logs));
        await process.DropAsync("visible/a.jpg", TestImage.Jpeg(1));

        var report = await process.RunAsync("visible");
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.Equal(2, report.Items[0].Steps.Single(s => s.Step == StepNames.AnalyzeImage).Attempts);
        Assert.Contains(
            logs.All,
            l => l.StartsWith("Warning", StringComparison.Ordinal)
                && l.Contains("visible run 1: optimize-image of item 0 failed with ServerBusy (attempt 1)", StringComparison.Ordinal));
        Assert.Contains(
            logs.All,
            l => l.StartsWith("Warning [visible run 1, analyze-image part 0 of a.jpg]", StringComparison.Ordinal)
                && l.Contains(FailureCodes.EngineFault, StringComparison.Ordinal));
        Assert.True(counted.GetValueOrDefault("multimodal.recoveries step-retried") >= 1, string.Join(", ", counted));
        Assert.True(counted.GetValueOrDefault($"multimodal.engine.attempts {FailureCodes.EngineFault}") >= 1, string.Join(", ", counted));
    }
}
