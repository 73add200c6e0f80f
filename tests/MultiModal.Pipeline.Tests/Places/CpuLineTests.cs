using AzureOpenAISimulator;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Poison;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Tests.Text;
using MultiModal.Testing.Waiting;

namespace MultiModal.Pipeline.Tests.Places;

[Collection(SharedAzurite.Name)]
public sealed class CpuLineTests(AzuriteFixture azurite) : IDisposable
{
    /// <summary>Ends a test that would never end.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly string storage = azurite.NewConnectionString();
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_first_model_call_leaves_while_the_second_image_is_decoded()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var engine = new GatedImageEngine();
        await using var process = new PipelineProcess(
            storage, simulator, services => services.AddSingleton<IImageEngine>(engine), ("Pipeline:CpuPlaces", "1"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        for (var n = 1; n <= 5; n++) await process.DropAsync($"album/{n}.jpg", TestImage.Jpeg(n));

        var run = process.RunAsync("album");
        await engine.AtGate.Task.WaitAsync(Limit);
        await Eventually.IsTrueAsync("the first call of the model", () => simulator.Requests.Count == 1);
        engine.Open.SetResult();

        Assert.Equal(RunStatus.Succeeded, (await run).Status);
        Assert.Equal(1, engine.MostAtOnce);
    }

    [Fact]
    public async Task Documents_that_wait_for_the_decoder_hold_no_other_batchs_picture_up()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        await using var process = new PipelineProcess(
            storage, simulator, ("Pipeline:MaxParallelSteps", "2"), ("Decoder:MaxConcurrency", "1"), ("Pipeline:CpuPlaces", "2"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        for (var n = 1; n <= 5; n++)
        {
            var document = await SamplePdf.TextAsync(folder, [$"Page {n}."]);
            await process.DropAsync($"papers/{n}.pdf", await File.ReadAllBytesAsync(document));
        }

        await process.DropAsync("picture/1.jpg", TestImage.Jpeg(1));
        var decoder = await process.Get<CpuLine>().TakeAsync(CpuWork.Pdf("someone else", 1), CancellationToken.None);
        var papers = process.RunAsync("papers");
        var picture = await process.RunAsync("picture").WaitAsync(Limit);

        Assert.Equal(RunStatus.Succeeded, picture.Status);
        Assert.False(papers.IsCompleted);
        decoder.Dispose();
        var report = await papers;
        Assert.Equal(RunStatus.Succeeded, report.Status);
        var read = report.Items.SelectMany(i => i.Steps).Where(s => s.Step == StepNames.ReadText).ToList();
        Assert.All(read, s => Assert.InRange(s.WaitedMs, 1, s.DurationMs));
        Assert.All(read, s => Assert.InRange(s.StartedAt!.Value, report.StartedAt, report.CompletedAt));
    }

    [Fact]
    public async Task The_time_that_a_step_waits_in_line_is_counted()
    {
        var time = new FakeTimeProvider();
        var line = new CpuLine(places: 1, new Dictionary<CpuWorkKind, int>(), time);
        var work = CpuWork.Image("album", 1, inDecoder: false);
        var first = await line.TakeAsync(work, CancellationToken.None);
        var waited = TimeInLine.Count();
        var second = line.TakeAsync(work, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(5));
        first.Dispose();
        (await second).Dispose();
        Assert.Equal(TimeSpan.FromSeconds(5), waited.Total);
    }

    [Fact]
    public async Task A_decode_is_marked_when_it_gets_its_place_and_not_while_it_waits_in_line()
    {
        await using var process = new PipelineProcess(storage, simulator: null, ("Pipeline:CpuPlaces", "1"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        var place = await process.Get<CpuLine>().TakeAsync(CpuWork.Image("someone else", 1, inDecoder: false), CancellationToken.None);

        var marksInDecode = -1;
        var decode = process.Get<GuardedDecodes>().RunAsync<string>(
            CpuWork.Image("album", 1, inDecoder: false),
            CacheKey.Create("optimize-image", ContentHash.Compute("a picture"u8), 1),
            async () =>
            {
                marksInDecode = await CountMarksAsync(process);
                return "decoded";
            },
            CancellationToken.None);
        await Eventually.IsAsync("it waits in line", () => Task.FromResult(process.Get<CpuLine>().Waiting == 1 ? decode : null));
        Assert.Equal(0, await CountMarksAsync(process));

        place.Dispose();
        Assert.Equal("decoded", (await decode).Value);
        Assert.Equal(1, marksInDecode);
        await Eventually.IsAsync("the mark is gone", async () => await CountMarksAsync(process) == 0 ? decode : null);
    }

    [Fact]
    public async Task A_step_whose_time_is_over_does_not_wait_for_a_decode_which_keeps_its_place_and_its_mark()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var engine = new GatedImageEngine { Gated = 1 };
        await using var process = new PipelineProcess(
            storage, simulator, services => services.AddSingleton<IImageEngine>(engine), ("Pipeline:CpuPlaces", "1"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("album/1.jpg", TestImage.Jpeg(1));
        var run = new RunReference(BatchName.Parse("album"), 1);
        await process.Activities.RunAsync(TakeInventoryStep.Definition, run, CancellationToken.None);

        using var time = new CancellationTokenSource();
        var step = process.Activities.RunAsync(OptimizeImageStep.Definition, new ItemReference(run, Index: 0), time.Token);
        await engine.AtGate.Task.WaitAsync(Limit);
        await time.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => step.WaitAsync(Limit));

        Assert.Equal(1, await CountMarksAsync(process));
        var next = process.Get<CpuLine>().TakeAsync(CpuWork.Image("someone else", 1, inDecoder: false), CancellationToken.None);
        Assert.False(next.IsCompleted);
        engine.Open.SetResult();
        (await next.WaitAsync(Limit)).Dispose();
    }

    /// <summary>Counts the decodes that the process says are under way.</summary>
    private static async Task<int> CountMarksAsync(PipelineProcess process)
    {
        var count = 0;
        await foreach (var blob in process.Account.State.GetBlobsAsync(new Azure.Storage.Blobs.Models.GetBlobsOptions { Prefix = "decodes/" }))
        {
            // A blob that is deleted in between names nothing.
            count += (await process.Account.State.ReadJsonAsync<ProcessDecodes>(blob.Name, CancellationToken.None))?.Value.Decodes.Count ?? 0;
        }

        return count;
    }

    /// <summary>libvips, of which one image is not done before the gate is open.</summary>
    private sealed class GatedImageEngine : IImageEngine
    {
        private readonly NetVipsImageEngine libvips = new(Decoders.Usual);
        private int begun;
        private int atOnce;

        /// <summary>Which image waits at the gate, by the order in which they are decoded.</summary>
        public int Gated { get; init; } = 2;

        public TaskCompletionSource AtGate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int MostAtOnce { get; private set; }

        public string Identity => libvips.Identity;

        public bool DecodesApart(string? mediaType) => libvips.DecodesApart(mediaType);

        public Task<Outcome<TiledImage>> CutAsync(
            string filePath, OptimizeRequest request, Func<TextLayout, TilePlan?> choose, CancellationToken cancellationToken) =>
            libvips.CutAsync(filePath, request, choose, cancellationToken);

        public async Task<Outcome<OptimizedImage>> OptimizeAsync(string filePath, OptimizeRequest request, CancellationToken cancellationToken)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref atOnce));
            try
            {
                if (Interlocked.Increment(ref begun) == Gated)
                {
                    AtGate.SetResult();
                    await Open.Task;
                }

                return await libvips.OptimizeAsync(filePath, request, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref atOnce);
            }
        }
    }
}
