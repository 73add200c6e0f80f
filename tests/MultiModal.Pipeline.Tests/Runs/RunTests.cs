using System.Security.Cryptography;
using System.Text.Json;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Wire;
using Microsoft.Extensions.DependencyInjection;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Tests.Workflow;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Tests.Runs;

/// <summary>Whole runs: real storage, real media, models at the simulator.</summary>
[Collection(SharedAzurite.Name)]
public sealed class RunTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string storage = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;
    private PipelineProcess process = null!;

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        process = new PipelineProcess(storage, simulator);
        await process.Account.CreateContainersAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await process.DisposeAsync();
        await simulator.DisposeAsync();
    }

    [Fact]
    public async Task A_mixed_batch_becomes_one_report()
    {
        await process.DropAsync("market/photo.jpg", TestImage.Jpeg(1));
        await process.DropAsync("market/note.txt", "Anna looks after the bread stall. Please print forty flyers.");
        await process.DropAsync("market/.DS_Store", [0, 0, 0, 1]);
        var report = await process.RunAsync("market");
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.NotNull(report.Synthesis);
        Assert.Equal(["note.txt", "photo.jpg"], report.Items.Select(i => i.Name));
        Assert.All(report.Items, i => Assert.Equal(ItemStatus.Succeeded, i.Status));
        Assert.Equal(1, report.Ignored);
        Assert.NotNull(report.Items[1].Image?.Description);
    }

    [Fact]
    public async Task The_same_bytes_in_two_batches_at_the_same_moment_are_paid_once()
    {
        await using var other = new PipelineProcess(storage, simulator);
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 300 }));
        await process.DropAsync("one/a.jpg", TestImage.Jpeg(2));
        await process.DropAsync("two/b.jpg", TestImage.Jpeg(2));
        var reports = await Task.WhenAll(process.RunAsync("one"), other.RunAsync("two"));
        Assert.Single(simulator.Requests);
        Assert.Empty(simulator.Bill.PaidTwice());
        var outcomes = reports.Select(r => r.Items[0].Steps.Single(s => s.Step == StepNames.AnalyzeImage).Cache).Order();
        Assert.Equal(CacheOutcome.Miss, outcomes.Single(o => o == CacheOutcome.Miss));
        Assert.DoesNotContain(CacheOutcome.None, outcomes);
    }

    [Fact]
    public async Task A_batch_that_asks_for_more_than_the_host_allows_gets_the_allowed_values_and_a_note_in_the_report()
    {
        await using var frugal = new PipelineProcess(
            storage, simulator, ("Images:MaxEdge", "256"), ("Images:Detail", "low"), ("Images:MaxEdgeCeiling", "512"),
            ("Images:DetailCeiling", "low"), ("Ai:InstructionsCeiling", "20"));
        await process.DropAsync("within/batch.json", """{ "maxEdge": 512, "detail": "low", "instructions": "Write as much as eve" }""");
        await process.DropAsync("within/photo.jpg", TestImage.Jpeg(4, 1600, 1200));
        await process.RunAsync("within");
        var asked = simulator.Requests.Count;

        await frugal.DropAsync(
            "greedy/batch.json", """{ "maxEdge": 8192, "detail": "high", "instructions": "Write as much as ever you can, and then some more." }""");
        await frugal.DropAsync("greedy/photo.jpg", TestImage.Jpeg(4, 1600, 1200));
        var report = await frugal.RunAsync("greedy");

        Assert.Equal((512, 384), (report.Items[0].Image!.SentWidth, report.Items[0].Image!.SentHeight));
        Assert.Equal(asked, simulator.Requests.Count);
        Assert.Equal((512, "low", "Write as much as eve"), (report.Options.MaxEdge, report.Options.Detail, report.Options.Instructions));
        var json = (await process.Account.Results.GetBlobClient("greedy/report.json").DownloadContentAsync()).Value.Content.ToString();
        await ReportSchema.HoldsAsync(json);
        var notes = JsonDocument.Parse(json).RootElement.GetProperty("notes").EnumerateArray().Select(n => n.GetString()!).ToList();
        Assert.Equal(3, notes.Count);
        Assert.All(
            new[] { "Images:MaxEdgeCeiling", "Images:DetailCeiling", "Ai:InstructionsCeiling" },
            setting => Assert.Contains(notes, n => n.Contains(setting, StringComparison.Ordinal)));
        var markdown = (await process.Account.Results.GetBlobClient("greedy/report.md").DownloadContentAsync()).Value.Content.ToString();
        Assert.Contains("Images:MaxEdgeCeiling", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unchanged_batch_run_again_asks_no_model_and_says_the_same()
    {
        await process.DropAsync("again/a.jpg", TestImage.Jpeg(3));
        await process.DropAsync("again/b.txt", "The ferry leaves at nine from the covered quay.");
        await process.DropAsync("again/c.txt", "The baker promised twice as many loaves.");
        var first = await process.RunAsync("again", 1);
        var asked = simulator.Requests.Count;
        var second = await process.RunAsync("again", 2);

        Assert.Equal(asked, simulator.Requests.Count);
        Assert.Equal(JsonSerializer.Serialize(first.Synthesis), JsonSerializer.Serialize(second.Synthesis));
        Assert.Equal(
            first.Items.Select(i => (i.Name, i.Text, i.Image?.Description)), second.Items.Select(i => (i.Name, i.Text, i.Image?.Description)));
        var modelSteps = second.Items.SelectMany(i => i.Steps).Where(s => s.Engine is not null).ToList();
        Assert.NotEmpty(modelSteps);
        Assert.All(modelSteps, s => Assert.Equal(CacheOutcome.Hit, s.Cache));
        Assert.Equal(0, second.Cost.SpentUsd);
    }

    [Fact]
    public async Task Equal_content_within_a_batch_is_looked_at_once()
    {
        await process.DropAsync("twins/a.jpg", TestImage.Jpeg(4));
        await process.DropAsync("twins/b.png", TestImage.Jpeg(4));
        var report = await process.RunAsync("twins");
        Assert.Equal("a.jpg", report.Items[1].DuplicateOf);
        Assert.Equal(report.Items[0].Image?.Description, report.Items[1].Image?.Description);
        Assert.Single(report.Items.SelectMany(i => i.Steps), s => s.Step == StepNames.AnalyzeImage);
        Assert.Empty(simulator.Bill.PaidTwice());
    }

    [Theory]
    [InlineData("empty.jpg", "empty-file")]
    [InlineData("corrupt.jpg", "corrupt-image")]
    [InlineData("unknown.bin", "unknown-format")]
    [InlineData("broken.mp3", "corrupt-audio")]
    [InlineData("silent.wav", "no-speech")]
    public async Task A_bad_file_fails_alone_with_its_own_code(string name, string code)
    {
        var batch = Path.GetFileNameWithoutExtension(name);
        await process.DropAsync($"{batch}/{name}", BadFile(name));
        await process.DropAsync($"{batch}/good.txt", "This one is fine.");
        var report = await process.RunAsync(batch);
        var bad = report.Items.Single(i => i.Name == name);
        Assert.Equal(code, bad.Error?.Code);
        Assert.Equal(code == "unknown-format" ? ItemStatus.Unsupported : ItemStatus.Failed, bad.Status);
        Assert.Equal(code == "unknown-format" ? RunStatus.Succeeded : RunStatus.PartiallySucceeded, report.Status);
        Assert.Equal(ItemStatus.Succeeded, report.Items.Single(i => i.Name == "good.txt").Status);
        Assert.NotNull(report.Synthesis);
    }

    [Fact]
    public async Task An_image_over_the_pixel_limit_is_refused_before_it_is_decoded()
    {
        await using var strict = new PipelineProcess(storage, simulator, ("Images:MaxPixels", "50000"));
        await process.DropAsync("huge/photo.jpg", TestImage.Jpeg(5));
        var report = await strict.RunAsync("huge");
        Assert.Equal("image-too-large", report.Items[0].Error?.Code);
        Assert.Equal(RunStatus.Failed, report.Status);
    }

    [Theory]
    [InlineData("Ai:Vision:Key", "wrong", "engine-unauthorized")]
    [InlineData("Ai:Vision:Deployment", "gone", "deployment-not-found")]
    [InlineData("Ai:Vision:Engine", "Off", "engine-off")]
    public async Task A_misconfigured_engine_fails_the_item(string setting, string value, string code)
    {
        await using var misconfigured = new PipelineProcess(storage, simulator, (setting, value), ("Ai:MaxAttempts", "1"));
        await process.DropAsync($"{code}/photo.jpg", TestImage.Jpeg(6));
        Assert.Equal(code, (await misconfigured.RunAsync(code)).Items[0].Error?.Code);
    }

    [Fact]
    public async Task An_unreachable_endpoint_fails_the_item()
    {
        await using var offline = new PipelineProcess(
            storage, simulator, ("Ai:Vision:Endpoint", "http://127.0.0.1:1/"), ("Ai:Vision:Key", "k"), ("Ai:MaxAttempts", "1"));
        await process.DropAsync("unreachable/photo.jpg", TestImage.Jpeg(7));
        Assert.Equal("engine-unreachable", (await offline.RunAsync("unreachable")).Items[0].Error?.Code);
    }

    [Fact]
    public async Task A_bad_batch_json_fails_the_batch_with_the_name_of_the_field()
    {
        await process.DropAsync("options/note.txt", "A note.");
        await process.DropAsync("options/batch.json", """{ "maxEdge": 5 }""");
        var report = await process.RunAsync("options");
        Assert.Equal(RunStatus.Failed, report.Status);
        Assert.Equal("invalid-batch-options", report.Error?.Code);
        Assert.Contains("\"maxEdge\"", report.Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_replaced_between_inventory_and_step_is_reported_and_nothing_is_stored_under_the_wrong_hash()
    {
        var run = new RunReference(BatchName.Parse("swap"), 1);
        await process.DropAsync("swap/a.jpg", TestImage.Jpeg(8));
        await process.Activities.RunAsync(TakeInventoryStep.Definition, run, CancellationToken.None);
        await process.DropAsync("swap/a.jpg", TestImage.Jpeg(9));
        await using var elsewhere = new PipelineProcess(storage, simulator);
        var result = await BatchWorkflow.RunAsync(elsewhere.Steps, run);

        Assert.True(result.Superseded);
        var report = await process.ReadReportAsync("swap");
        Assert.Equal("changed-during-run", report.Items[0].Error?.Code);
        Assert.Null(report.Synthesis);
        Assert.Empty(simulator.Requests);
        await foreach (var entry in process.Account.Cache.GetBlobsAsync(
            new Azure.Storage.Blobs.Models.GetBlobsOptions())) Assert.Fail($"{entry.Name} was stored.");

        var again = await process.RunAsync("swap", 2);
        Assert.Equal(RunStatus.Succeeded, again.Status);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(TestImage.Jpeg(9))), again.Items[0].ContentHash?.Value);
    }

    [Fact]
    public async Task A_blob_that_is_replaced_after_this_process_has_read_it_is_done_as_it_was_and_the_run_is_superseded()
    {
        var run = new RunReference(BatchName.Parse("read"), 1);
        await process.DropAsync("read/a.jpg", TestImage.Jpeg(8));
        await process.Activities.RunAsync(TakeInventoryStep.Definition, run, CancellationToken.None);
        await process.DropAsync("read/a.jpg", TestImage.Jpeg(9));
        var result = await BatchWorkflow.RunAsync(process.Steps, run);

        Assert.True(result.Superseded);
        var report = await process.ReadReportAsync("read");
        Assert.Equal(ItemStatus.Succeeded, report.Items[0].Status);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(TestImage.Jpeg(8))), report.Items[0].ContentHash?.Value);
        Assert.Null(report.Synthesis);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(TestImage.Jpeg(9))), (await process.RunAsync("read", 2)).Items[0].ContentHash?.Value);
    }

    [Fact]
    public async Task What_a_process_had_not_written_when_it_ended_is_done_again()
    {
        static void KeepTogether(IServiceCollection services) => services.AddSingleton(new RecordKeeping(Together: true));
        var run = new RunReference(BatchName.Parse("unwritten"), 1);
        await process.DropAsync("unwritten/a.jpg", TestImage.Jpeg(40));
        await process.DropAsync("unwritten/b.jpg", TestImage.Jpeg(41));
        await using (var first = new PipelineProcess(storage, simulator, KeepTogether))
        {
            await first.Activities.RunAsync(TakeInventoryStep.Definition, run, CancellationToken.None);
            await first.Activities.RunAsync(OptimizeImageStep.Definition, new ItemReference(run, 0), CancellationToken.None);
            await first.Activities.RunAsync(AnalyzeImageStep.Definition, new ItemReference(run, 0), CancellationToken.None);
        }

        await using var second = new PipelineProcess(storage, simulator, KeepTogether);
        Assert.Null(await second.Runs.ReadRecordAsync(new ItemReference(run, 0), StepNames.AnalyzeImage, CancellationToken.None));
        await BatchWorkflow.RunAsync(new RecordedSteps(second.Steps, second.Runs, CancellationToken.None), run);
        var report = await second.ReadReportAsync("unwritten");
        Assert.All(report.Items, i => Assert.Equal(ItemStatus.Succeeded, i.Status));
        Assert.Empty(simulator.Bill.PaidTwice());
        Assert.Equal(3, simulator.Requests.Count);
    }

    [Fact]
    public async Task A_run_broken_off_and_resumed_pays_for_nothing_twice()
    {
        for (var i = 0; i < 20; i++) await process.DropAsync($"resumed/{i:D2}.jpg", TestImage.Jpeg(100 + i));
        var run = new RunReference(BatchName.Parse("resumed"), 1);
        await process.Activities.RunAsync(TakeInventoryStep.Definition, run, CancellationToken.None);
        for (var i = 0; i < 7; i++)
        {
            await process.Activities.RunAsync(OptimizeImageStep.Definition, new ItemReference(run, i), CancellationToken.None);
            await process.Activities.RunAsync(AnalyzeImageStep.Definition, new ItemReference(run, i), CancellationToken.None);
        }

        await using var restarted = new PipelineProcess(storage, simulator);
        var report = await restarted.RunAsync("resumed");
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.Empty(simulator.Bill.PaidTwice());
        Assert.All(report.Items, i => Assert.Equal(CacheOutcome.Miss, i.Steps.Single(s => s.Step == StepNames.AnalyzeImage).Cache));
    }

    [Fact]
    public async Task A_cancelled_run_stops_work_and_reports_the_cancellation()
    {
        await process.DropAsync("stopped/a.jpg", TestImage.Jpeg(10));
        var run = new RunReference(BatchName.Parse("stopped"), 1);
        await process.Runs.RequestCancelAsync(run, CancellationToken.None);
        var report = await process.RunAsync("stopped");
        Assert.Equal(RunStatus.Cancelled, report.Status);
        Assert.Equal(ItemStatus.Cancelled, report.Items[0].Status);
        Assert.Empty(simulator.Requests);
    }

    [Fact]
    public async Task A_run_over_failed_items_leaves_the_others_as_they_were()
    {
        await process.DropAsync("mended/a.jpg", TestImage.Jpeg(11));
        await process.DropAsync("mended/b.jpg", TestImage.Jpeg(12));
        simulator.Play(new ScriptRule(new Fault(FaultKind.PromptFiltered)) { Kind = CallKind.Chat, Nth = 1 });
        var first = await process.RunAsync("mended", 1);
        var failed = Assert.Single(first.Items, i => i.Status == ItemStatus.Failed);
        Assert.Equal("content-filtered", failed.Error?.Code);

        // Another model answers from now on: what had succeeded is still not asked again.
        await using var changed = new PipelineProcess(storage, simulator, ("Ai:Vision:Deployment", "gpt-4o-mini"));
        var second = await changed.RunAsync("mended", 2, RunScope.Failed);
        Assert.Equal(RunStatus.Succeeded, second.Status);
        var kept = second.Items.Single(i => i.Name != failed.Name);
        Assert.Equal("AzureOpenAI/gpt-4o", kept.Steps.Single(s => s.Step == StepNames.AnalyzeImage).Engine);
        Assert.Equal(
            "AzureOpenAI/gpt-4o-mini", second.Items.Single(i => i.Name == failed.Name).Steps.Single(s => s.Step == StepNames.AnalyzeImage).Engine);
    }

    [Fact]
    public async Task A_provider_fault_is_retried_and_every_attempt_is_in_the_report()
    {
        simulator.Play(new ScriptRule(new Fault(FaultKind.TooManyRequests) { RetryAfterMs = 5 }) { Kind = CallKind.Chat, Nth = 1 });
        await process.DropAsync("retried/a.jpg", TestImage.Jpeg(13));
        var report = await process.RunAsync("retried");
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.Equal(2, report.Items[0].Steps.Single(s => s.Step == StepNames.AnalyzeImage).Attempts);
    }

    [Fact]
    public async Task The_real_steps_run_under_a_replaying_orchestration()
    {
        await process.DropAsync("replayed/a.jpg", TestImage.Jpeg(14));
        await process.DropAsync("replayed/b.txt", "One note.");
        await process.DropAsync("replayed/c.txt", "Another note.");
        var orchestration = new ReplayingOrchestration(process.Steps, 1);
        var result = await orchestration.RunAsync(s => BatchWorkflow.RunAsync(s, new RunReference(BatchName.Parse("replayed"), 1)));
        Assert.Equal(RunStatus.Succeeded, result.Status);
        Assert.Empty(simulator.Bill.PaidTwice());
    }

    [Fact]
    public async Task Six_hundred_texts_fit_the_model_and_one_more_pays_for_its_own_path_only()
    {
        await Parallel.ForAsync(0, 600, async (i, _) => await process.DropAsync($"many/{i:D4}.txt", Text(i)));
        var first = await process.RunAsync("many", 1);
        Assert.Equal(RunStatus.Succeeded, first.Status);
        Assert.NotNull(first.Synthesis);
        var paid = simulator.Requests.Count;
        Assert.InRange(paid, 5, 200);

        await process.DropAsync("many/0300a.txt", Text(5000));
        var second = await process.RunAsync("many", 2);
        Assert.Equal(601, second.Items.Count);

        // Its own group (two, where it makes the group too large) and one node on each level above.
        Assert.InRange(simulator.Requests.Count - paid, 1, 5);

        static string Text(int seed)
        {
            var random = new Random(seed);
            return string.Join(' ', Enumerable.Range(0, 80).Select(_ => $"word{random.Next(10_000)}")) + ".";
        }
    }

    [Fact]
    public async Task An_old_run_that_ends_late_does_not_replace_a_newer_report()
    {
        await process.DropAsync("late/a.txt", "A note.");
        await process.RunAsync("late", 2);
        await process.RunAsync("late", 1);
        Assert.Equal(2, (await process.ReadReportAsync("late")).RunSeq);
    }

    private static byte[] BadFile(string name) => name switch
    {
        "empty.jpg" => [],
        "corrupt.jpg" => TestImage.Jpeg(20)[..2000],
        "unknown.bin" => [0x7F, 0x45, 0x4C, 0x46, .. RandomNumberGenerator.GetBytes(2000)],
        "broken.mp3" => [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 0, 0xFF, 0xFB, 0x90, 0x64, .. new byte[4000]],
        "silent.wav" => Wav.Silence(2),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
