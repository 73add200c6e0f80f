using System.Globalization;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Faults.Tests.Hosts;

/// <summary>
/// The real host, killed where it hurts: the proxy holds the request that tells where the host is, and the host dies while it waits.
/// </summary>
[Collection(SharedAzurite.Name)]
public sealed class ProcessFaultTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const int Items = 6;

    private readonly string direct = azurite.NewConnectionString();
    private readonly string hub = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;
    private StorageProxy proxy = null!;
    private MediaAccount account = null!;
    private Invariants invariants = null!;

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        proxy = await StorageProxy.StartAsync(direct);
        account = MediaAccount.Open(new StorageOptions { ConnectionString = direct });
        invariants = new Invariants(direct, simulator);
        await account.CreateContainersAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await proxy.DisposeAsync();
        await simulator.DisposeAsync();
    }

    public static TheoryData<string, string, string, bool> Points => new()
    {
        { "before the inventory is complete", "/state/", "/inventory.json", false },
        { "after the inventory", "/state/", "/inventory.json", true },
        { "in the middle of a step", "/cache/optimize-image/", "/image", true },
        { "between answer and cache", "/cache/analyze-image/", "", false },
        { "between cache and record", "/cache/analyze-image/", "", true },
        { "between cache and report", "/cache/synthesize/", "", true },
        { "before the report's upload", "/results/", "/runs/1/report.json", false },
        { "during the report's upload", "/results/album/report.md", "", true },
        { "after the report, before the batch rests", "/results/album/report.json", "", true },
    };

    [Theory]
    [Trait("Host", "Any")]
    [MemberData(nameof(Points))]
    public async Task A_host_killed_at_a_chosen_point_is_taken_over(string point, string container, string blob, bool afterwards)
    {
        await DropAlbumAsync();
        var checkpoint = proxy.Hold(r => r.IsUpload && r.Touches(container) && r.Touches(blob), afterwards);
        await using (var first = Start())
        {
            await Eventually.IsAsync(point, () => Task.FromResult(checkpoint.Reached.IsCompleted ? checkpoint : null));
            await first.KillAsync();
        }

        checkpoint.Release();
        await using var second = Start();
        var batches = await invariants.AtRestAsync(second, HostUnderTest.RestLimit);
        await invariants.HoldAsync(batches);
        var report = (await account.Results.ReadJsonAsync<Report>("album/report.json", CancellationToken.None))!.Value;
        Assert.All(report.Items, i => Assert.Equal(ItemStatus.Succeeded, i.Status));
        Assert.NotNull(report.Synthesis);
    }

    [Theory]
    [InlineData("before what was found is stored", false)]
    [InlineData("after what was found is stored", true)]
    public async Task A_host_killed_while_pictures_are_compared_is_taken_over_and_the_same_pictures_are_paid_for(string point, bool afterwards)
    {
        for (var item = 0; item < Items; item++)
        {
            var photo = TestImage.Jpeg(item / 2);
            await account.Inbox.GetBlobClient($"album/{item}.jpg").UploadAsync(
                new BinaryData(item % 2 == 0 ? photo : NetVips.Image.NewFromBuffer(photo).PngsaveBuffer()));
        }

        var checkpoint = proxy.Hold(r => r.IsUpload && r.Touches("/state/") && r.Touches("/similar/0.json"), afterwards);
        await using (var first = StartComparing())
        {
            await Eventually.IsAsync(point, () => Task.FromResult(checkpoint.Reached.IsCompleted ? checkpoint : null));
            Assert.Empty(simulator.Requests);
            await first.KillAsync();
        }

        checkpoint.Release();
        await using var second = StartComparing();
        await invariants.HoldAsync(await invariants.AtRestAsync(second, HostUnderTest.RestLimit));
        var report = (await account.Results.ReadJsonAsync<Report>("album/report.json", CancellationToken.None))!.Value;
        Assert.Equal([null, "0.jpg", null, "2.jpg", null, "4.jpg"], report.Items.Select(item => item.SimilarTo));
        Assert.Equal(Items / 2, report.Items.Sum(item => item.Steps.Count(step => step.Step == StepNames.AnalyzeImage)));
    }

    [Fact]
    public async Task A_host_stopped_under_load_leaves_no_half_done_work()
    {
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 200 }));
        await DropAlbumAsync();
        await using (var first = Start())
        {
            await Eventually.IsAsync("two answers", () => Task.FromResult(simulator.Bill.Lines.Count >= 2 ? simulator : null));
            await first.SignalAsync("TERM");
            Assert.Equal(0, await first.EndAsync());
        }

        await using var second = Start();
        await invariants.HoldAsync(await invariants.AtRestAsync(second));
        Assert.Empty(simulator.Bill.PaidTwice());
    }

    [Fact]
    public async Task A_paused_host_that_lost_the_account_overwrites_nothing()
    {
        await DropAlbumAsync();
        var checkpoint = proxy.Hold(r => r.IsUpload && r.Touches("/cache/analyze-image/"), afterwards: false);
        await using var paused = Start();
        await Eventually.IsAsync("it is about to keep an answer", () => Task.FromResult(checkpoint.Reached.IsCompleted ? checkpoint : null));
        await paused.SignalAsync("STOP");
        var overslept = await invariants.CallsUnderWayAsync();
        checkpoint.Release();

        // What a minute's pause does to its leases, breaking them does at once.
        await foreach (var blob in account.State.GetBlobsAsync(new Azure.Storage.Blobs.Models.GetBlobsOptions()))
        {
            if (blob.Name != "owner.json" && !blob.Name.StartsWith("locks/", StringComparison.Ordinal)) continue;
            await new Azure.Storage.Blobs.Specialized.BlobLeaseClient(account.State.GetBlobClient(blob.Name)).BreakAsync(TimeSpan.Zero);
        }

        await using var second = Start();
        await invariants.AtRestAsync(second);
        await account.Inbox.GetBlobClient("album/later.jpg").UploadAsync(new BinaryData(TestImage.Jpeg(50)));
        await invariants.AtRestAsync(second);
        var before = await LatestReportAsync();

        // In its first moments it may still tell of the drop that it slept through: then the second host runs once more.
        await paused.SignalAsync("CONT");
        Assert.Equal(ExitCode.OwnerLeaseLost, await paused.EndAsync());
        await invariants.HoldAsync(await invariants.AtRestAsync(second), overslept);
        var after = await LatestReportAsync();
        Assert.True(
            after == before || after.RunSeq > before.RunSeq, $"The report of run {before.RunSeq} was overwritten by that of run {after.RunSeq}.");
    }

    [Fact]
    public async Task The_calls_of_a_killed_host_delay_no_other_host_and_leave_no_lock()
    {
        await DropAlbumAsync();
        var checkpoint = proxy.Hold(r => r.IsUpload && r.Touches("/cache/analyze-image/"), afterwards: false);
        await using (var first = Start())
        {
            await Eventually.IsAsync("it is about to keep an answer", () => Task.FromResult(checkpoint.Reached.IsCompleted ? checkpoint : null));
            await first.KillAsync();
        }

        Assert.Empty(await LocksAsync());
        checkpoint.Release();
        await using var second = Start();
        await invariants.HoldAsync(await invariants.AtRestAsync(second));
        await second.SignalAsync("TERM");
        await second.EndAsync();
        Assert.Contains("which owned the storage account, has ended. Its lease is broken", await second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lock_of_a_killed_process_that_shares_the_account_delays_no_other_process()
    {
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 600_000 }));
        await account.Inbox.GetBlobClient("shared/0.jpg").UploadAsync(new BinaryData(TestImage.Jpeg(0)));
        await using (var first = OwnProgram.Start("pay", direct, simulator.Endpoint.ToString(), simulator.Key, "shared", "1"))
        {
            await Eventually.IsAsync("a call is under way", () => Task.FromResult(simulator.Requests.Count > 0 ? simulator : null));
            await first.KillAsync();
        }

        Assert.Single(await LocksAsync());
        simulator.Play();
        await using var second = OwnProgram.Start("pay", direct, simulator.Endpoint.ToString(), simulator.Key, "shared", "1");

        // The dead process's lease would last longer than that.
        Assert.Equal(0, await second.EndAsync().WaitAsync(TimeSpan.FromSeconds(SingleFlight.LeaseSeconds / 2)));
        Assert.Empty(await LocksAsync());
    }

    private async Task<List<string>> LocksAsync()
    {
        var locks = new List<string>();
        await foreach (var blob in account.State.GetBlobsAsync(
            new Azure.Storage.Blobs.Models.GetBlobsOptions { Prefix = "locks/" })) locks.Add(blob.Name);
        return locks;
    }

    private async Task<(int RunSeq, Azure.ETag ETag)> LatestReportAsync()
    {
        var report = (await account.Results.GetBlobClient("album/report.json").GetPropertiesAsync()).Value;
        return (int.Parse(report.Metadata[ReportWriter.RunSeqMetadata], CultureInfo.InvariantCulture), report.ETag);
    }

    private ChildProcess Start() => HostUnderTest.Start(proxy.ConnectionString, hub, simulator);

    private ChildProcess StartComparing() =>
        LocalHostProgram.Start(["serve"], HostSettings.For(proxy.ConnectionString, simulator, "Images:NearDuplicates=true"));

    private async Task DropAlbumAsync()
    {
        for (var item = 0; item < Items; item++) await account.Inbox.GetBlobClient($"album/{item}.jpg")
            .UploadAsync(new BinaryData(TestImage.Jpeg(item)));
        await account.Inbox.GetBlobClient("album/note.txt").UploadAsync(BinaryData.FromString("The ferry leaves at nine from the covered quay."));
        await account.Inbox.GetBlobClient("album/.DS_Store").UploadAsync(BinaryData.FromString("x"));
    }
}
