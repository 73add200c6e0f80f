using System.Text.Json;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Estimates;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;

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
    public async Task A_long_conversation_is_sent_in_tiles_for_what_was_estimated_and_each_is_paid_for_once()
    {
        await using var process = await StartAsync();
        await DropChatAsync(process);
        var estimate = Assert.Single(
            (await process.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("chats"), CancellationToken.None)).Value.Items);
        var report = await process.RunAsync("chats");
        var item = Assert.Single(report.Items);
        var tiles = item.Image!.Tiles!.Value;
        Assert.InRange(tiles, 2, 6);
        Assert.Equal((tiles, tiles), (estimate.Calls, simulator.Requests.Count));
        Assert.Equal((ItemStatus.Succeeded, 0), (item.Status, item.Warnings.Count));
        Assert.Equal([null, .. Enumerable.Range(0, tiles).Cast<int?>()], item.Steps.Select(step => step.Tile));
        Assert.InRange(report.Cost.SpentUsd, estimate.Price.LeastUsd, estimate.Price.MostUsd);
        Assert.True(report.Cost.SavedByOptimizingUsd >= 0);
        await ReportSchema.HoldsAsync(
            (await process.Account.Results.GetBlobClient("chats/report.json").DownloadContentAsync()).Value.Content.ToString());

        await using var other = await StartAsync();
        var again = await other.RunAsync("chats", 2);
        Assert.Equal((tiles, 0), (again.Items[0].Image!.Tiles, again.Cost.SpentUsd));
        Assert.All(again.Items[0].Steps, step => Assert.Equal(CacheOutcome.Hit, step.Cache));
        Assert.Equal(tiles, simulator.Requests.Count);
    }

    [Fact]
    public async Task A_tile_whose_call_fails_leaves_the_others_and_is_the_only_one_that_is_asked_for_again()
    {
        await using var process = await StartAsync();
        await DropChatAsync(process);
        simulator.Play(new ScriptRule(new Fault(FaultKind.PromptFiltered)) { Nth = 2 });
        var report = await process.RunAsync("chats");
        Assert.Equal((RunStatus.PartiallySucceeded, ItemStatus.Succeeded), (report.Status, report.Items[0].Status));
        var tiles = report.Items[0].Image!.Tiles!.Value;
        Assert.Contains($"1 of {tiles} tiles of the image are missing (content-filtered).", report.Items[0].Image!.Note, StringComparison.Ordinal);
        simulator.Play();
        var asked = simulator.Requests.Count;
        var again = await process.RunAsync("chats", 2);
        Assert.Equal((RunStatus.Succeeded, 1), (again.Status, simulator.Requests.Count - asked));
    }

    [Fact]
    public async Task A_deleted_batch_leaves_no_tile_in_storage()
    {
        await using var process = await StartAsync();
        await DropChatAsync(process);
        await process.RunAsync("chats");
        var before = await process.Account.Cache.GetBlobsAsync(new()).Select(blob => blob.Name).ToListAsync();
        Assert.Contains(before, name => name.Contains("/tiles-", StringComparison.Ordinal) && name.EndsWith("/tile-1", StringComparison.Ordinal));
        await EraseAsync(process, BatchName.Parse("chats"));
    }

    [Fact]
    public async Task The_tiles_of_a_file_that_was_replaced_long_ago_are_deleted_with_its_batch()
    {
        await using var process = await StartAsync();
        await DropChatAsync(process);
        await process.RunAsync("chats");
        await process.DropAsync("chats/a.png", "Not a picture any more.");
        var batch = BatchName.Parse("chats");
        for (var run = 2; run <= 4; run++)
        {
            await process.RunAsync("chats", run);
            await process.Runs.DeleteOlderAsync(new RunReference(batch, run), CancellationToken.None);
        }

        Assert.Equal(
            ["00000003", "00000004", "used"],
            await process.Account.State.GetBlobsAsync(new()).Select(blob => blob.Name)
                .Where(name => name.StartsWith($"{batch.Key}/", StringComparison.Ordinal)).Select(name => name.Split('/')[1]).Distinct().ToListAsync());
        Assert.Contains(
            await process.Account.Cache.GetBlobsAsync(new()).Select(blob => blob.Name).ToListAsync(),
            name => name.EndsWith("/tile-1", StringComparison.Ordinal));
        await EraseAsync(process, batch);
    }

    /// <summary>Deletes a batch that is the only one, and sees that storage is empty.</summary>
    private static async Task EraseAsync(PipelineProcess process, BatchName batch)
    {
        var store = process.Get<BatchStore>();
        var eraser = new BatchEraser(
            process.Account, process.Get<InboxListing>(), process.Runs, store, process.Get<BatchResults>(), process.Get<UploadMarks>(),
            new BatchEraserTests.StoredHost(store), process.Get<ContentCache>());
        Assert.True(await eraser.EraseAsync(batch, CancellationToken.None));
        foreach (var container in new[] { process.Account.Inbox, process.Account.Results, process.Account.Cache })
        {
            Assert.Empty(await container.GetBlobsAsync(new()).Select(blob => blob.Name).ToListAsync());
        }

        Assert.DoesNotContain(
            await process.Account.State.GetBlobsAsync(new()).Select(blob => blob.Name).ToListAsync(),
            name => name.StartsWith($"{batch.Key}/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tile_that_a_lifecycle_rule_deleted_is_cut_again()
    {
        await using var process = await StartAsync();
        await DropChatAsync(process);
        await process.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("chats"), CancellationToken.None);
        await foreach (var blob in process.Account.Cache.GetBlobsAsync(new()))
        {
            if (blob.Name.EndsWith("/tile-1", StringComparison.Ordinal)) await process.Account.Cache.DeleteBlobAsync(blob.Name);
        }

        await using var other = await StartAsync();
        Assert.Equal(RunStatus.Succeeded, (await other.RunAsync("chats")).Status);
    }

    [Fact]
    public async Task Tiles_that_cost_more_than_the_ceiling_are_not_cut_and_the_report_says_so()
    {
        await using var process = await StartAsync(("Images:MaxTokens", "700"));
        await DropChatAsync(process);
        var item = (await process.RunAsync("chats")).Items[0];
        Assert.Equal(FailureCodes.TextIllegible, Assert.Single(item.Warnings).Code);
        Assert.EndsWith("and Images:MaxTokens allows 700.", item.Image!.Note, StringComparison.Ordinal);
        Assert.Null(item.Image!.Tiles);
        Assert.Single(simulator.Requests);
        Assert.Equal(item.Image.Note, (await process.RunAsync("chats", 2)).Items[0].Image!.Note);
        Assert.Single(simulator.Requests);
    }

    [Fact]
    public async Task An_orchestration_of_version_1_0_which_knows_no_tiles_goes_on_with_one_picture()
    {
        await using var process = await StartAsync();
        await DropChatAsync(process);
        var run = new RunReference(BatchName.Parse("chats"), 1);
        await process.Activities.RunAsync(TakeInventoryStep.Definition, run, CancellationToken.None);
        var item = JsonSerializer.Deserialize<ItemReference>(
            $$"""{ "run": {{JsonSerializer.Serialize(run, PipelineJson.Options)}}, "index": 0, "part": 0 }""", PipelineJson.Options)!;
        Assert.Equal(1, (await process.Activities.RunAsync(OptimizeImageStep.Definition, item, CancellationToken.None)).Tiles);
        Assert.True((await process.Activities.RunAsync(AnalyzeImageStep.Definition, item, CancellationToken.None)).Succeeded);
        Assert.Single(simulator.Requests);
        // The same item, asked for by an orchestration of today.
        Assert.InRange((await process.RunAsync("chats", 2)).Items[0].Image!.Tiles!.Value, 2, 6);
    }

    [Fact]
    public async Task What_was_looked_at_whole_and_legible_keeps_its_answer_though_tiles_would_be_cheaper()
    {
        using var chat = NetVips.Image.NewFromFile(TextPicture.Draw(TextPictureKind.Chat, seed: 1, folder.Path).Path);
        await using var process = await StartAsync(("Ai:Vision:Deployment", "gpt-4o-mini"));
        await process.DropAsync("chats/a.png", chat.Crop(0, 0, 1000, 6000).PngsaveBuffer());
        var run = new RunReference(BatchName.Parse("chats"), 1);
        await process.Activities.RunAsync(TakeInventoryStep.Definition, run, CancellationToken.None);
        var item = new ItemReference(run, 0);
        Assert.True((await process.Activities.RunAsync(OptimizeImageStep.Definition, item, CancellationToken.None)).Succeeded);
        Assert.True((await process.Activities.RunAsync(AnalyzeImageStep.Definition, item, CancellationToken.None)).Succeeded);

        var report = await process.RunAsync("chats", 2);
        Assert.Equal((null, 0, 0), (report.Items[0].Image!.Tiles, report.Items[0].Warnings.Count, report.Cost.SpentUsd));
        Assert.Single(simulator.Requests);

        await process.DropAsync("others/a.png", chat.Crop(0, 6000, 1000, 6000).PngsaveBuffer());
        Assert.True((await process.RunAsync("others")).Items[0].Image!.Tiles > 1, "Tiles are not cheaper for this picture, so that nothing was shown.");
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

    [Fact]
    public async Task Each_page_of_a_TIFF_is_looked_at_for_what_was_estimated_and_paid_for_once()
    {
        var file = folder["pages.tif"];
        await Tool.ImageMagickAsync("-size", "600x400", "plasma:red-blue", "plasma:lime-black", "plasma:white-red", "-compress", "LZW", file);
        await using var process = await StartAsync();
        await process.DropAsync("scans/a.tif", await File.ReadAllBytesAsync(file));
        var estimate = Assert.Single(
            (await process.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("scans"), CancellationToken.None)).Value.Items);
        var report = await process.RunAsync("scans");
        var item = Assert.Single(report.Items);
        Assert.Equal((3, 3, 3), (estimate.Calls, item.Image!.Pages, simulator.Requests.Count));
        Assert.Equal((ItemStatus.Succeeded, null), (item.Status, item.Image.Note));
        Assert.Equal([0, 0, 1, 1, 2, 2], item.Steps.Select(step => step.Part!.Value));
        Assert.Contains("Page 3: ", item.Image.Description, StringComparison.Ordinal);
        await ReportSchema.HoldsAsync(
            (await process.Account.Results.GetBlobClient("scans/report.json").DownloadContentAsync()).Value.Content.ToString());
        Assert.Equal(0, (await process.RunAsync("scans", 2)).Cost.SpentUsd);
        var entry = (await process.Runs.ReadRecordAsync(
            new ItemReference(new RunReference(BatchName.Parse("scans"), 1), 0, Part: 2), StepNames.OptimizeImage, CancellationToken.None))!.CacheName;
        Assert.All(
            await process.Account.Cache.GetBlobsAsync(new()).Select(blob => blob.Name)
                .Where(name => name.StartsWith("optimize-image/", StringComparison.Ordinal)).ToListAsync(),
            name => Assert.StartsWith($"{entry}/", $"{name}/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_TIFF_whose_first_page_is_damaged_loses_that_page_alone()
    {
        var file = folder["damaged.tif"];
        await Tool.ImageMagickAsync("-size", "600x400", "plasma:red-blue", "plasma:lime-black", "plasma:white-red", "-compress", "Zip", file);
        var bytes = await File.ReadAllBytesAsync(file);
        bytes.AsSpan(8, 2000).Fill(0xFF);
        await using var process = await StartAsync();
        await process.DropAsync("scans/a.tif", bytes);
        var estimate = Assert.Single(
            (await process.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("scans"), CancellationToken.None)).Value.Items);
        var report = await process.RunAsync("scans");
        var item = Assert.Single(report.Items);
        Assert.Equal((RunStatus.PartiallySucceeded, ItemStatus.Succeeded), (report.Status, item.Status));
        Assert.Equal((3, "1 of 3 pages are missing (corrupt-image)."), (item.Image!.Pages, item.Image.Note));
        Assert.Equal((2, 2, 600), (estimate.Calls, simulator.Requests.Count, item.Image.Width));
        Assert.StartsWith("Page 2: ", item.Image.Description, StringComparison.Ordinal);
        await ReportSchema.HoldsAsync(
            (await process.Account.Results.GetBlobClient("scans/report.json").DownloadContentAsync()).Value.Content.ToString());

        // An orchestration of version 1.0 goes on with one page, which fails.
        var one = await process.Activities.RunAsync(
            OptimizeImageStep.Definition, new ItemReference(new RunReference(BatchName.Parse("scans"), 1), 0), CancellationToken.None);
        Assert.Equal((StepStatus.Failed, 1), (one.Status, one.Parts));
    }

    [Theory]
    [InlineData("NetVips")]
    [InlineData("ImageSharp")]
    public async Task A_JPEG_whose_end_is_missing_is_looked_at_and_the_report_says_so(string engine)
    {
        var whole = TestImage.Jpeg(8, 640, 480);
        await using var process = await StartAsync(("Images:Engine", engine));
        await process.DropAsync("photos/a.jpg", whole[..^2]);
        await process.DropAsync("photos/b.jpg", whole[..(whole.Length * 97 / 100)]);
        await process.DropAsync("photos/c.jpg", whole[..(whole.Length / 2)]);
        var report = await process.RunAsync("photos");
        Assert.Equal([ItemStatus.Succeeded, ItemStatus.Succeeded, ItemStatus.Failed], report.Items.Select(item => item.Status));
        Assert.All(report.Items.Take(2), item => Assert.Equal(FailureCodes.ImageIncomplete, Assert.Single(item.Warnings).Code));
        Assert.Equal("The file lacks its end marker. The picture is whole.", report.Items[0].Image!.Note);
        Assert.Equal(FailureCodes.CorruptImage, report.Items[2].Error!.Code);
        await ReportSchema.HoldsAsync(
            (await process.Account.Results.GetBlobClient("photos/report.json").DownloadContentAsync()).Value.Content.ToString());
        Assert.Equal(
            report.Items.Select(item => item.Warnings.Count), (await process.RunAsync("photos", 2)).Items.Select(item => item.Warnings.Count));
    }

    [Fact]
    public async Task Pages_beyond_the_limit_are_not_looked_at_and_the_note_says_so()
    {
        var file = folder["many.tif"];
        await Tool.ImageMagickAsync("-size", "60x40", "xc:red", "xc:lime", "xc:blue", file);
        await using var process = await StartAsync(("Images:MaxPages", "2"));
        await process.DropAsync("scans/a.tif", await File.ReadAllBytesAsync(file));
        var image = (await process.RunAsync("scans")).Items[0].Image!;
        Assert.Equal((2, "Only the first 2 of 3 pages were looked at."), (image.Pages, image.Note));
        Assert.Equal(2, simulator.Requests.Count);
    }

    private async Task DropScreenAsync(PipelineProcess process) => await process.DropAsync(
        "screens/a.png", await File.ReadAllBytesAsync(TextPicture.Draw(TextPictureKind.Screen, seed: 1, folder.Path).Path));

    private async Task DropChatAsync(PipelineProcess process) => await process.DropAsync(
        "chats/a.png", await File.ReadAllBytesAsync(TextPicture.Draw(TextPictureKind.Chat, seed: 1, folder.Path).Path));

    private async Task<PipelineProcess> StartAsync(params (string Key, string Value)[] settings)
    {
        var process = new PipelineProcess(storage, simulator, [("Ai:Vision:Deployment", "gpt-4.1-mini"), .. settings]);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        return process;
    }
}
