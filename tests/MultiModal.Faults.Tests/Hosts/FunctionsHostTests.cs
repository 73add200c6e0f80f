using System.Net;
using System.Text;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Faults.Tests.Hosts;

/// <summary>What only Durable Functions can lose, on a real host with its task hub. Started by <c>./test --functions</c>.</summary>
[Collection(SharedAzurite.Name)]
[Trait("Host", "Functions")]
public sealed class FunctionsHostTests(AzuriteFixture azurite) : IAsyncLifetime
{
    /// <summary>As host.json names it.</summary>
    private const string Hub = "MultiModal";

    private readonly string storage = azurite.NewConnectionString();
    private readonly string hub = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;
    private MediaAccount account = null!;
    private Invariants invariants = null!;

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        invariants = new Invariants(storage, simulator);
        await account.CreateContainersAsync(CancellationToken.None);
    }

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    [Fact]
    public async Task A_thousand_blobs_in_twenty_batches_are_all_reported_and_the_task_hub_stays_small()
    {
        const int Blobs = 1000, Batches = 20;
        var host = Start();
        await using var process = host.Process;
        await host.IsHealthyAsync();
        await Parallel.ForAsync(0, Blobs, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, token) => await account.Inbox
            .GetBlobClient($"batch{number % Batches:D2}/{number:D4}.txt")
            .UploadAsync(BinaryData.FromString($"Note {number}: the ferry leaves at {number % 24} from the covered quay."), token));

        var batches = await invariants.AtRestAsync(process, HostUnderTest.RestLimit);
        Assert.Equal(Batches, batches.Count);
        await invariants.HoldAsync(batches);

        // Each batch may have run more than once while its files came in; what the hub holds is bounded by runs, not by blobs.
        var runs = 0;
        foreach (var batch in batches) runs += (await account.Results.ReadJsonAsync<Report>(
            $"{batch.ResultsFolder}/report.json", default))!.Value.RunSeq;
        await Eventually.IsAsync("no message is left in the hub", async () => await MessagesAsync() == 0 ? this : null, TimeSpan.FromMinutes(3));
        var instances = await RowsAsync($"{Hub}Instances", select: ["PartitionKey", "Name", "RuntimeStatus", "Input"]);
        var entities = instances.Where(i => i.PartitionKey.StartsWith('@')).ToList();
        var orchestrations = instances.Except(entities).ToList();
        Assert.Equal(Batches, entities.Count);
        Assert.All(entities, e => Assert.True((e.GetString("Input")?.Length ?? 0) < 1024, $"The state of an entity at rest: {e.GetString("Input")}"));
        Assert.All(orchestrations, o => Assert.Equal("Completed", o.GetString("RuntimeStatus")));
        Assert.InRange(orchestrations.Count, runs, runs * 3);

        // An entity starts its history anew each time it has worked.
        var histories = (await RowsAsync($"{Hub}History", select: ["PartitionKey"])).CountBy(r => r.PartitionKey).ToDictionary();
        Assert.All(
            entities,
            e =>
                Assert.True(
                    histories.GetValueOrDefault(e.PartitionKey) < 250,
                    $"{histories.GetValueOrDefault(e.PartitionKey)} events in the history of an entity."));
    }

    [Fact]
    public async Task A_worker_killed_in_the_middle_of_a_batch_costs_nothing_twice()
    {
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 500 }));
        await DropAlbumAsync(12);
        var host = Start();
        await using var process = host.Process;
        await host.IsHealthyAsync();
        await Eventually.IsAsync("two answers", () => Task.FromResult(simulator.Bill.Lines.Count >= 2 ? simulator : null));
        await host.KillWorkerAsync();

        await invariants.HoldAsync(await invariants.AtRestAsync(process, HostUnderTest.RestLimit));
        Assert.All((await ReadAlbumAsync()).Items, i => Assert.Equal(ItemStatus.Succeeded, i.Status));
    }

    [Fact]
    public async Task A_fault_of_storage_reaches_the_orchestration_by_its_own_name()
    {
        // More than the storage client's own tries, fewer than twice as many: the step's first try fails, the second does not.
        await using var proxy = await StorageProxy.StartAsync(storage);
        proxy.Plan = new StorageFaultPlan(1, 1.0, StorageFaultKind.Busy) { Only = r => r.Touches("/cache/optimize-image/"), First = 8 };
        await DropAlbumAsync(1);
        var host = FunctionsHost.Start(proxy.ConnectionString, hub, simulator, FunctionsHost.Drops.Polled);
        await using var process = host.Process;
        await host.IsHealthyAsync();

        await invariants.HoldAsync(await invariants.AtRestAsync(process, HostUnderTest.RestLimit));
        Assert.Equal(ItemStatus.Succeeded, Assert.Single((await ReadAlbumAsync()).Items).Status);
        var failed = (await RowsAsync($"{Hub}History", select: ["EventType", "FailureDetails"])).Where(r => r.GetString("EventType") == "TaskFailed")
            .ToList();
        Assert.NotEmpty(failed);
        Assert.All(
            failed,
            f => Assert.Contains("MultiModal.Functions.Runs.TransientFaultException", f.GetString("FailureDetails"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_terminated_or_purged_by_hand_comes_back_with_a_sweep(bool purged)
    {
        var waits = new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 5000 });
        simulator.Play(waits);
        await DropAlbumAsync(4);
        var host = Start();
        await using var process = host.Process;
        await host.IsHealthyAsync();
        await Eventually.IsAsync("a call under way", () => Task.FromResult(simulator.Requests.Count >= 1 ? simulator : null));
        Assert.True(BatchName.FromBlob("album/0.jpg", 1, out var album));
        var run = $"runtime/webhooks/durabletask/instances/{album.Key}-1";
        using (var terminated = await host.Client.PostAsync($"{run}/terminate?reason=by+hand", content: null)) Assert.Equal(
            HttpStatusCode.Accepted, terminated.StatusCode);
        await Eventually.IsAsync(
            "the run is terminated",
            async () => (await host.Client.GetStringAsync(run)).Contains("Terminated", StringComparison.Ordinal) ? this : null);
        if (purged)
        {
            using var gone = await host.Client.DeleteAsync(run);
            Assert.Equal(HttpStatusCode.OK, gone.StatusCode);
        }

        simulator.Script = Script.None;
        using var stop = new CancellationTokenSource();
        var sweeping = SweepAsync(host, stop.Token);
        var batches = await invariants.AtRestAsync(process, HostUnderTest.RestLimit);
        await stop.CancelAsync();
        await sweeping;
        await invariants.HoldAsync(batches);
        var report = await ReadAlbumAsync();
        Assert.True(report.RunSeq > 1, "The run that was terminated has no report of its own.");
        Assert.All(report.Items, i => Assert.Equal(ItemStatus.Succeeded, i.Status));
    }

    [Fact]
    public async Task An_event_of_Event_Grid_starts_a_batch()
    {
        var host = FunctionsHost.Start(storage, hub, simulator, FunctionsHost.Drops.Events);
        await using var process = host.Process;
        await host.IsHealthyAsync();
        const string Webhook = "runtime/webhooks/blobs?functionName=Host.Functions.BlobDroppedEvent";
        using (var validation = await host.PostAsync(Webhook, "SubscriptionValidation", """
            [{"id":"1","topic":"t","subject":"","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","eventTime":"2026-01-01T00:00:00Z","dataVersion":"2","metadataVersion":"1","data":{"validationCode":"512d38b6"}}]
            """))
        {
            Assert.Contains("512d38b6", await validation.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await DropAlbumAsync(1);
        var url = account.Inbox.GetBlobClient("album/0.jpg").Uri;
        using (var notified = await host.PostAsync(Webhook, "Notification", $$$"""
            [{"id":"2","topic":"t","subject":"/blobServices/default/containers/inbox/blobs/album/0.jpg","eventType":"Microsoft.Storage.BlobCreated","eventTime":"2026-01-01T00:00:00Z","dataVersion":"","metadataVersion":"1","data":{"api":"PutBlob","contentType":"image/jpeg","contentLength":1,"blobType":"BlockBlob","url":"{{{url}}}"}}]
            """))
        {
            Assert.True(notified.IsSuccessStatusCode, $"{notified.StatusCode}: {await notified.Content.ReadAsStringAsync()}");
        }

        await invariants.HoldAsync(await invariants.AtRestAsync(process, HostUnderTest.RestLimit));
    }

    private FunctionsHost Start() => FunctionsHost.Start(storage, hub, simulator, FunctionsHost.Drops.Polled);

    /// <summary>As its timer does, but not only every five minutes.</summary>
    private static async Task SweepAsync(FunctionsHost host, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await host.TriggerAsync("Sweep");
            await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private async Task DropAlbumAsync(int pictures)
    {
        for (var item = 0; item < pictures; item++) await account.Inbox.GetBlobClient($"album/{item}.jpg")
            .UploadAsync(new BinaryData(TestImage.Jpeg(item)));
    }

    private async Task<Report> ReadAlbumAsync() => (await account.Results.ReadJsonAsync<Report>("album/report.json", CancellationToken.None))!.Value;

    /// <summary>In all queues of the hub, those that wait for their time among them: an entity's next signal to itself is one.</summary>
    private async Task<int> MessagesAsync()
    {
        var service = new QueueServiceClient(hub);
        var count = 0;
        await foreach (var queue in service.GetQueuesAsync(prefix: Hub.ToLowerInvariant()))
        {
            count += (await service.GetQueueClient(queue.Name).GetPropertiesAsync()).Value.ApproximateMessagesCount;
        }

        return count;
    }

    private async Task<List<TableEntity>> RowsAsync(string table, string[] select)
    {
        var rows = new List<TableEntity>();
        await foreach (var row in new TableClient(hub, table).QueryAsync<TableEntity>(select: select)) rows.Add(row);
        return rows;
    }
}
