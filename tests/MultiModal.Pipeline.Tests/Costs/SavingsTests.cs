using AzureOpenAISimulator;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Tests.Costs;

/// <summary>What a report says was saved is what a run that saves nothing costs more.</summary>
[Collection(SharedAzurite.Name)]
public sealed class SavingsTests(AzuriteFixture azurite, Speech speech) : IClassFixture<Speech>, IAsyncLifetime
{
    private static readonly (int Width, int Height)[] Shapes =
        [(4000, 3000), (3000, 4000), (4032, 3024), (6000, 4000), (4000, 3000), (3024, 4032), (4608, 2592), (4000, 3000), (3000, 4000), (4240, 2832),
            (4000, 3000), (4032, 3024)];

    private readonly string storage = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;

    public async Task InitializeAsync() => simulator = await SimulatorServer.StartAsync();

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    [Theory]
    [InlineData("gpt-4o")] // tiles
    [InlineData("gpt-4.1-mini")] // patches
    public async Task Twelve_photos_save_what_sending_them_whole_costs_more(string model)
    {
        simulator.Deploy(new("vision", AzureOpenAISimulator.Models.ModelFamilies.Find(model)));
        (string, string)[] settings = [
            ("Ai:Vision:Deployment", "vision"), ("Ai:Vision:ModelFamily", model), ("Ai:Text:Engine", "Offline"), ("Images:MaxEdge", "512")];
        await using var optimizing = new PipelineProcess(storage, simulator, settings);
        await using var whole = new PipelineProcess(storage, simulator, [.. settings, ("Images:Optimize", "false")]);
        await optimizing.Account.CreateContainersAsync(CancellationToken.None);
        await optimizing.DropAsync("photos/batch.json", """{ "detail": "high" }""");
        for (var i = 0; i < Shapes.Length; i++) await optimizing.DropAsync(
            $"photos/{i:D2}.jpg", TestImage.Photo(i, Shapes[i].Width, Shapes[i].Height));

        var small = await optimizing.RunAsync("photos", 1);
        var large = await whole.RunAsync("photos", 2);

        Assert.True(small.Cost.SavedByOptimizingUsd > 0);
        Assert.Equal(0, large.Cost.SavedByOptimizingUsd);
        // Of the input: the simulator names the size that it sees in its answer, which makes that longer or shorter by a token.
        Assert.Equal(InputUsd(large, model) - InputUsd(small, model), small.Cost.SavedByOptimizingUsd);
        Assert.Empty(small.Cost.Unpriced);
        Assert.All(Steps(small), s => Assert.True(s.EstimatedUsd >= s.CostUsd && s.Estimate!.InputTokens >= s.Usage.InputTokens));
    }

    [Theory]
    [InlineData("whisper")] // by the second
    [InlineData("gpt-4o-transcribe")] // by token
    public async Task A_recording_with_two_fifths_of_silence_saves_what_sending_it_whole_costs_more(string model)
    {
        simulator.Deploy(new("speech", AzureOpenAISimulator.Models.ModelFamilies.Find(model)));
        (string, string)[] settings = [("Ai:Speech:Deployment", "speech"), ("Ai:Speech:ModelFamily", model)];
        await using var trimming = new PipelineProcess(storage, simulator, settings);
        await using var whole = new PipelineProcess(storage, simulator, [.. settings, ("Audio:TrimSilence", "false")]);
        await trimming.Account.CreateContainersAsync(CancellationToken.None);
        var recording = Path.Combine(speech.Folder, "pauses.wav");
        await Tool.FfmpegAsync("-i", speech.Wav, "-af", "apad=pad_dur=10", "-bitexact", recording);
        await trimming.DropAsync("talk/pauses.wav", await File.ReadAllBytesAsync(recording));

        // The same words are heard in either, so that the answers cost the same.
        await trimming.RunAsync("talk", 1);
        await whole.RunAsync("talk", 2);
        foreach (var call in simulator.Requests.Where(
            c => c.Kind == CallKind.Transcription)) simulator.Know(new KnownContent(call.ContentHash!, "Please send the report."));
        await ForgetAnswersAsync(trimming);
        var small = await trimming.RunAsync("talk", 3);
        var large = await whole.RunAsync("talk", 4);

        Assert.True(small.Items[0].Audio!.SentSeconds < small.Items[0].Audio!.DurationSeconds * 0.7);
        Assert.True(small.Cost.SavedByOptimizingUsd > 0);
        Assert.Equal(0, large.Cost.SavedByOptimizingUsd);
        Assert.Equal(large.Cost.SpentUsd - small.Cost.SpentUsd, small.Cost.SavedByOptimizingUsd);
    }

    [Fact]
    public async Task The_cache_saves_what_the_answer_had_cost()
    {
        await using var process = new PipelineProcess(storage, simulator);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("again/a.jpg", TestImage.Jpeg(1));
        await process.DropAsync("again/b.jpg", TestImage.Jpeg(2));
        var first = await process.RunAsync("again", 1);
        var second = await process.RunAsync("again", 2);
        Assert.True(first.Cost.SpentUsd > 0);
        Assert.Equal((0m, first.Cost.SpentUsd), (second.Cost.SpentUsd, second.Cost.SavedByCacheUsd));
        Assert.Equal(0, second.Cost.SavedByOptimizingUsd);
    }

    [Fact]
    public async Task A_run_that_is_tried_again_claims_no_saving_for_what_the_run_before_it_has_paid()
    {
        await using var process = new PipelineProcess(storage, simulator);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("broken/a.jpg", TestImage.Jpeg(1));
        await process.RunAsync("broken", 1);
        foreach (var runSeq in new[] { 2, 3 })
        {
            var again = await process.RunAsync("broken", runSeq, isRetry: true);
            Assert.Equal((0m, 0m), (again.Cost.SpentUsd, again.Cost.SavedByCacheUsd));
            Assert.Empty(again.Cost.Unpriced);
        }

        Assert.DoesNotContain(await process.ReadLedgerAsync(), line => line.State == LedgerState.Saved);
    }

    [Fact]
    public async Task Offline_engines_cost_nothing_save_nothing_and_leave_no_line()
    {
        await using var process = new PipelineProcess(storage, simulator: null, ("Ai:Vision:Engine", "Offline"), ("Ai:Text:Engine", "Offline"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("free/a.jpg", TestImage.Jpeg(1, 2000, 1500));
        await process.DropAsync("free/b.txt", "A note.");
        foreach (var runSeq in new[] { 1, 2 })
        {
            var report = await process.RunAsync("free", runSeq);
            Assert.Equal(RunStatus.Succeeded, report.Status);
            Assert.Equal(new ReportCost(0, 0, 0, []) with { Unpriced = report.Cost.Unpriced, Assumed = report.Cost.Assumed }, report.Cost);
            Assert.Empty(report.Cost.Unpriced);
        }

        Assert.Empty(await process.ReadLedgerAsync());
    }

    [Fact]
    public async Task A_model_without_a_price_is_metered_and_named_never_counted_as_free()
    {
        simulator.Deploy(new("mystery", AzureOpenAISimulator.Models.ModelFamilies.Find("gpt-4o")));
        await using var process = new PipelineProcess(storage, simulator, ("Ai:Vision:Deployment", "mystery"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("mystery/a.jpg", TestImage.Jpeg(1));
        var report = await process.RunAsync("mystery");
        Assert.Equal(["AzureOpenAI/mystery"], report.Cost.Unpriced);
        var step = Assert.Single(Steps(report));
        Assert.Null(step.CostUsd);
        Assert.True(step.Usage.InputTokens > 0);
    }

    private static IEnumerable<ReportStep> Steps(Report report) => report.Items.SelectMany(i => i.Steps).Where(s => s.Engine is not null);

    private static decimal InputUsd(Report report, string model) =>
        Steps(report).Sum(s => s.Usage.InputTokens) * (model == "gpt-4o" ? 2.50m : 0.40m) / 1_000_000m;

    private static async Task ForgetAnswersAsync(PipelineProcess process)
    {
        await foreach (var blob in process.Account.Cache.GetBlobsAsync(
            new Azure.Storage.Blobs.Models.GetBlobsOptions { Prefix = $"{StepNames.TranscribeAudio}/" }))
        {
            await process.Account.Cache.DeleteBlobAsync(blob.Name);
        }
    }
}
