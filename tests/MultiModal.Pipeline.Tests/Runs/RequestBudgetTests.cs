using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using AzureOpenAISimulator;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Tests.Runs;

/// <summary>
/// The requests that a run of a local host makes of storage, counted on their way. What comes by time (the cancel flag, records and budgets that are
/// written every few seconds) depends on the machine and is not counted; <c>tests/Benchmarks -- requests</c> counts everything.
/// </summary>
[Collection(SharedAzurite.Name)]
public sealed class RequestBudgetTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const int Items = 20;
    private const int Recordings = 6;

    private static readonly DateTimeOffset Since = new(2026, 11, 28, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] ByTime = ["/cancel", "/records/journal/", "PartitionKey='budget'", "owner.json"];

    private readonly string direct = azurite.NewConnectionString();
    private readonly ConcurrentQueue<ProxiedRequest> requests = [];
    private SimulatorServer simulator = null!;
    private StorageProxy proxy = null!;
    private PipelineProcess process = null!;
    private PipelineProcess dropping = null!;
    private OwnerLease ownership = null!;

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        proxy = await StorageProxy.StartAsync(direct);
        proxy.Plan = new StorageFaultPlan(1, 0, StorageFaultKind.Busy) { Only = Seen };
        dropping = new PipelineProcess(direct, simulator: null);
        await dropping.Account.CreateContainersAsync(CancellationToken.None);
        process = new PipelineProcess(
            proxy.ConnectionString, simulator, services => services.AddSingleton(new RecordKeeping(Together: true)), ("Ai:MaxConcurrency", "4"));
        ownership = (await OwnerLease.AcquireAsync(
            process.Account, AccountOwner.Here("local", TimeProvider.System.GetUtcNow()), shared: false, TimeSpan.Zero, TimeProvider.System,
            NullLogger.Instance, CancellationToken.None)).Value;
        process.Get<SoleOwnership>().Note(ownership);
    }

    public async Task DisposeAsync()
    {
        await process.DisposeAsync();
        await dropping.DisposeAsync();
        await proxy.DisposeAsync();
        await simulator.DisposeAsync();
    }

    [Fact]
    public async Task A_paid_image_takes_at_most_12_requests_and_5_when_it_is_known()
    {
        for (var item = 0; item < Items; item++) await dropping.DropAsync($"images/{item:D2}.jpg", TestImage.Jpeg(item));
        AssertAtMost(12 * Items, await RunAsync("images", 1));
        AssertAtMost(5 * Items, await RunAsync("images", 2));
        Assert.Equal(Items + 1, simulator.Bill.Lines.Count);
    }

    [Fact]
    public async Task A_recording_of_one_piece_takes_at_most_13_requests_and_4_when_it_is_known()
    {
        using var folder = new TemporaryFolder();
        await Speech.SayAsync("The company will open a new hospital in the city next summer.", folder["speech.wav"]);
        var samples = MemoryMarshal.Cast<byte, short>((await File.ReadAllBytesAsync(folder["speech.wav"])).AsSpan(Wav.Header(0).Length)).ToArray();
        for (var item = 0; item < Recordings; item++)
        {
            await dropping.DropAsync($"recordings/{item}.wav", Wav.Of([.. samples.Select(s => (short)(s * (1 - (item / 100.0))))]));
        }

        // One fewer where calls take time, because then their lines in the ledger share requests.
        AssertAtMost((13 * Recordings) + BatchRequests, await RunAsync("recordings", 1));
        AssertAtMost((4 * Recordings) + BatchRequests, await RunAsync("recordings", 2));
        Assert.Equal(Recordings + 1, simulator.Bill.Lines.Count);
    }

    [Fact]
    public async Task A_text_takes_at_most_3_requests()
    {
        for (var item = 0; item < Items; item++) await dropping.DropAsync($"texts/{item:D2}.txt", $"Note {item}: the ferry leaves at nine.");
        AssertAtMost(3 * Items, await RunAsync("texts", 1));
    }

    [Fact]
    public async Task A_run_of_one_text_takes_at_most_11_requests()
    {
        // Its batch takes 4 more: three states and a look at the mark of an upload, which make 15. The look at the inbox is handed over to the run.
        await dropping.DropAsync("one/note.txt", "The ferry leaves at nine from the covered quay.");
        AssertAtMost(BatchRequests, await RunAsync("one", 1));
    }

    [Fact]
    public async Task Requests_grow_with_the_items_and_no_faster()
    {
        for (var item = 0; item < 400; item++)
        {
            if (item < 40) await dropping.DropAsync($"few/{item:D3}.txt", $"Note {item}.");
            await dropping.DropAsync($"many/{item:D3}.txt", $"Note {item + 1000}.");
        }

        // A slope of 1.1 between the logarithms.
        var (few, many) = (await RunAsync("few", 1), await RunAsync("many", 1));
        Assert.True(many.Count <= few.Count * 10 * 1.26, $"{few.Count} requests for 40 texts, {many.Count} for 400.");
    }

    /// <summary>Requests that a run makes for its batch, whatever is in it.</summary>
    private const int BatchRequests = 11;

    private async Task<IReadOnlyList<ProxiedRequest>> RunAsync(string batch, int runSeq)
    {
        var run = new RunReference(BatchName.Parse(batch), runSeq, BatchSince: Since);
        requests.Clear();
        await BatchWorkflow.RunAsync(new RecordedSteps(process.Steps, process.Runs, CancellationToken.None), run);
        await process.Runs.LeaveAsync(run);
        var counted = requests.Where(r => !ByTime.Any(r.Touches)).ToList();
        Assert.Equal(RunStatus.Succeeded, (await dropping.ReadReportAsync(batch)).Status);
        return counted;
    }

    private static void AssertAtMost(int ceiling, IReadOnlyList<ProxiedRequest> requests) => Assert.True(
        requests.Count <= ceiling,
        $"{requests.Count} requests, and at most {ceiling} are allowed:\n{string.Join('\n', requests.Select(r => $"{r.Method} {r.Target}"))}");

    private bool Seen(ProxiedRequest request)
    {
        requests.Enqueue(request);
        return false;
    }
}
