using AzureOpenAISimulator;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Estimates;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Tests.Runs;

/// <summary>Pictures with small letters, through whole runs.</summary>
[Collection(SharedAzurite.Name)]
public sealed class LegibleRunTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string storage = azurite.NewConnectionString();
    private readonly TemporaryFolder folder = new();
    private SimulatorServer simulator = null!;

    public async Task InitializeAsync() => simulator = await SimulatorServer.StartAsync();

    public async Task DisposeAsync()
    {
        await simulator.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_screenshot_is_sent_so_large_that_it_can_be_read_for_what_was_estimated_and_only_once()
    {
        await using var process = await StartAsync();
        await DropScreenAsync(process);
        var estimate = Assert.Single(
            (await process.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("screens"), CancellationToken.None)).Value.Items);
        var report = await process.RunAsync("screens");
        var image = report.Items[0].Image!;
        Assert.InRange(image.SentWidth, 1250, 1400);
        Assert.Empty(report.Items[0].Warnings);
        Assert.Single(simulator.Requests);
        Assert.InRange(report.Cost.SpentUsd, estimate.Price.LeastUsd, estimate.Price.MostUsd);
        Assert.True(report.Cost.SavedByOptimizingUsd > 0);

        var again = await process.RunAsync("screens", 2);
        Assert.Equal(image.SentWidth, again.Items[0].Image!.SentWidth);
        Assert.All(again.Items[0].Steps, step => Assert.Equal(CacheOutcome.Hit, step.Cache));
        Assert.Single(simulator.Requests);
    }

    [Fact]
    public async Task The_images_that_were_made_of_an_original_belong_to_one_entry_and_are_deleted_with_it()
    {
        await using var process = await StartAsync();
        await DropScreenAsync(process);
        await process.RunAsync("screens");
        var record = await process.Get<RunStore>().ReadRecordAsync(
            new ItemReference(new RunReference(BatchName.Parse("screens"), 1), 0), StepNames.OptimizeImage, CancellationToken.None);
        var names = await process.Account.Cache.GetBlobsAsync(new()).Select(blob => blob.Name)
            .Where(name => name.StartsWith("optimize-image/", StringComparison.Ordinal)).ToListAsync();
        Assert.Equal(4, names.Count);
        Assert.All(names, name => Assert.StartsWith($"{record!.CacheName}/", $"{name}/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_of_an_earlier_version_is_used_and_not_paid_for_again()
    {
        await using (var earlier = await StartAsync(("Images:Legible", "false")))
        {
            await DropScreenAsync(earlier);
            Assert.Equal(1024, (await earlier.RunAsync("screens")).Items[0].Image!.SentWidth);
        }

        await using var process = await StartAsync();
        var report = await process.RunAsync("screens", 2);
        Assert.Equal((1024, 0), (report.Items[0].Image!.SentWidth, report.Cost.SpentUsd));
        Assert.Single(simulator.Requests);
    }

    [Fact]
    public async Task An_image_of_an_earlier_version_that_no_model_has_looked_at_is_made_anew()
    {
        await using (var earlier = await StartAsync(("Images:Legible", "false")))
        {
            await DropScreenAsync(earlier);
            await earlier.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("screens"), CancellationToken.None);
        }

        await using var process = await StartAsync();
        Assert.InRange((await process.RunAsync("screens")).Items[0].Image!.SentWidth, 1250, 1400);
    }

    [Fact]
    public async Task Text_that_the_ceiling_leaves_too_small_is_noted_in_the_report()
    {
        await using var process = await StartAsync(("Images:MaxTokens", "1200"));
        await DropScreenAsync(process);
        var item = (await process.RunAsync("screens")).Items[0];
        Assert.Equal((ItemStatus.Succeeded, FailureCodes.TextIllegible), (item.Status, Assert.Single(item.Warnings).Code));
        Assert.Contains("Images:MaxTokens allows 1,200", item.Image!.Note, StringComparison.Ordinal);
        await ReportSchema.HoldsAsync(
            (await process.Account.Results.GetBlobClient("screens/report.json").DownloadContentAsync()).Value.Content.ToString());
    }

    [Fact]
    public async Task A_photograph_is_sent_as_it_was()
    {
        var photo = TextPicture.Draw(TextPictureKind.Photo, seed: 2, folder.Path).Path;
        await using var process = await StartAsync();
        await process.DropAsync("photos/a.jpg", await File.ReadAllBytesAsync(photo));
        var now = (await process.RunAsync("photos")).Items[0].Image!;
        await using var without = await StartAsync(("Images:Legible", "false"));
        await without.DropAsync("other/a.jpg", await File.ReadAllBytesAsync(photo));
        var before = await without.RunAsync("other");
        Assert.Equal((now.SentWidth, now.SentBytes), (before.Items[0].Image!.SentWidth, before.Items[0].Image!.SentBytes));
        Assert.Single(simulator.Requests);
    }

    private async Task DropScreenAsync(PipelineProcess process) => await process.DropAsync(
        "screens/a.png", await File.ReadAllBytesAsync(TextPicture.Draw(TextPictureKind.Screen, seed: 1, folder.Path).Path));

    private async Task<PipelineProcess> StartAsync(params (string Key, string Value)[] settings)
    {
        var process = new PipelineProcess(storage, simulator, [("Ai:Vision:Deployment", "gpt-4.1-mini"), .. settings]);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        return process;
    }
}
