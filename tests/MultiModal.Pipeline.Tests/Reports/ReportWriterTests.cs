using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Synthesis;
using static MultiModal.Pipeline.Tests.Reports.RunSketch;

namespace MultiModal.Pipeline.Tests.Reports;

[Collection(SharedAzurite.Name)]
public class ReportWriterTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(Started + TimeSpan.FromSeconds(2));
    private readonly WorkFolder workFolder = new(null);
    private readonly string storage = azurite.NewConnectionString();
    private MediaAccount account = null!;
    private RunStore runs = null!;

    public async Task InitializeAsync()
    {
        account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        await account.CreateContainersAsync(CancellationToken.None);
        runs = new RunStore(account);
    }

    public Task DisposeAsync()
    {
        workFolder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task The_report_of_a_mixed_batch_is_complete()
    {
        var run = new RunSketch { Options = new BatchOptions { Language = "en", Webhook = "https://example.com/secret" } };
        run.AddImage("a.jpg", "A door.", "HARBOUR CAFE");
        run.Add(ItemKind.Image, "b.jpg", null, duplicateOf: 0);
        run.Add(ItemKind.Image, "corrupt.jpg", Not(StepNames.OptimizeImage, StepStatus.Failed, FailureCodes.CorruptImage));
        run.AddText("long.txt", string.Concat(Enumerable.Repeat("Grüße aus Köln. ", 1000)));
        run.AddAudio("talk.mp3", Chunk(0, "good morning"), Chunk(1, "everyone"));
        run.Add(ItemKind.Unsupported, "x.bin", new Failure(FailureCodes.UnknownFormat, "Not read here."), null);
        var (result, report) = await WriteAsync(run, Document("The door"));

        Assert.Equal(new RunResult(1, RunStatus.PartiallySucceeded, "digest-1"), result);
        Assert.Equal(RunStatus.PartiallySucceeded, report.Status);
        Assert.Equal(("The door", "Offline/extractive"), (report.Synthesis?.Title, report.Synthesis?.Engine));
        Assert.Null(report.SynthesisReason);
        Assert.Null(report.Options.Webhook);
        Assert.Equal(2, report.Ignored);
        Assert.Equal(
            [ItemStatus.Succeeded, ItemStatus.Succeeded, ItemStatus.Failed, ItemStatus.Succeeded, ItemStatus.Succeeded, ItemStatus.Unsupported],
            report.Items.Select(i => i.Status));

        var duplicate = report.Items[1];
        Assert.Equal(("b.jpg", "a.jpg", "A door.", 0), (duplicate.Name, duplicate.DuplicateOf, duplicate.Image?.Description, duplicate.Steps.Count));
        Assert.Equal(FailureCodes.CorruptImage, report.Items[2].Error?.Code);
        Assert.Equal(new ReportCost(0.0012m, 0.003m, 0, []) with { Unpriced = report.Cost.Unpriced, Assumed = report.Cost.Assumed }, report.Cost);

        // 0.1 s each for nine free steps, the model's own 0.9 s without its wait, 0.1 s of synthesis, in 2 s.
        Assert.Equal(new ReportTiming(2000, 1600, null), report.Timing);
    }

    [Fact]
    public async Task A_text_too_long_for_the_report_is_complete_in_the_detail_with_captions()
    {
        var run = new RunSketch();
        var text = string.Concat(Enumerable.Repeat("Grüße aus Köln. ", 1000));
        run.AddText("long.txt", text);
        run.AddAudio("talk.mp3", Chunk(0, "good morning"), Not(StepNames.TranscribeAudio, StepStatus.Failed, FailureCodes.EngineFault, 1));
        var (_, report) = await WriteAsync(run, Document("x"));

        Assert.InRange(Encoding.UTF8.GetByteCount(report.Items[0].Text!), 4000, 4096);
        var detail = await ReadAsync<ItemDetail>($"holiday/{report.Items[0].Detail}");
        Assert.Equal(text, detail.Text);
        Assert.Equal("runs/1/items/1.json", report.Items[1].Detail);
        var audio = (await ReadAsync<ItemDetail>("holiday/runs/1/items/1.json")).Audio!;
        Assert.Equal((20, "en", 2, 1), (audio.DurationSeconds, audio.Language, audio.Segments.Count, audio.Gaps.Count));
        Assert.StartsWith("WEBVTT", await ReadTextAsync("holiday/runs/1/items/1.vtt"), StringComparison.Ordinal);
        Assert.Contains("good morning", await ReadTextAsync("holiday/runs/1/items/1.srt"), StringComparison.Ordinal);
        Assert.Equal(RunStatus.PartiallySucceeded, report.Status);
    }

    [Fact]
    public async Task Unsupported_files_alone_make_no_run_partial()
    {
        var run = new RunSketch();
        run.AddText("a.txt", "Hello there.");
        run.Add(ItemKind.Unsupported, "x.bin", new Failure(FailureCodes.UnknownFormat, "Not read here."), null);
        Assert.Equal(RunStatus.Succeeded, (await WriteAsync(run, Document("x"))).Report.Status);
    }

    [Fact]
    public async Task A_run_whose_items_all_failed_failed()
    {
        var run = new RunSketch();
        run.Add(ItemKind.Image, "a.jpg");
        run.Add(ItemKind.Unsupported, "x.bin", new Failure(FailureCodes.UnknownFormat, "Not read here."), null);
        var (_, report) = await WriteAsync(run, null, new Failure(FailureCodes.NothingToSynthesize, "Nothing."));
        Assert.Equal((RunStatus.Failed, FailureCodes.StepAbandoned), (report.Status, report.Items[0].Error?.Code));
        Assert.Equal(FailureCodes.NothingToSynthesize, report.SynthesisReason?.Code);
    }

    [Fact]
    public async Task The_report_of_a_cancelled_run_has_the_cancelled_status()
    {
        var run = new RunSketch();
        run.AddText("a.txt", "Hello there.");
        run.Add(ItemKind.Image, "b.jpg");
        await runs.RequestCancelAsync(run.Run, CancellationToken.None);
        var (_, report) = await WriteAsync(run, null);
        Assert.Equal(RunStatus.Cancelled, report.Status);
        Assert.Equal(FailureCodes.Cancelled, report.SynthesisReason?.Code);
        Assert.Equal((ItemStatus.Succeeded, ItemStatus.Cancelled), (report.Items[0].Status, report.Items[1].Status));
    }

    [Fact]
    public async Task A_batch_that_could_not_run_says_why()
    {
        var run = new RunSketch { Failure = new Failure(FailureCodes.InvalidBatchOptions, "batch.json: maxEdge is 64 to 8192.") };
        var (result, report) = await WriteAsync(run, null);
        Assert.Equal(RunStatus.Failed, result.Status);
        Assert.Equal((FailureCodes.InvalidBatchOptions, FailureCodes.InvalidBatchOptions), (report.Error?.Code, report.SynthesisReason?.Code));
        Assert.Empty(report.Items);
    }

    [Theory]
    [InlineData(FailureCodes.SupersededRun, RunStatus.Succeeded)]
    [InlineData(FailureCodes.EngineOff, RunStatus.Succeeded)]
    [InlineData(FailureCodes.EngineUnauthorized, RunStatus.PartiallySucceeded)]
    public async Task A_missing_synthesis_counts_where_it_was_wanted(string code, RunStatus expected)
    {
        var run = new RunSketch();
        run.AddText("a.txt", "Hello there.");
        var (_, report) = await WriteAsync(run, null, new Failure(code, "No."));
        Assert.Equal((expected, code), (report.Status, report.SynthesisReason?.Code));
    }

    [Fact]
    public async Task A_model_without_a_price_is_named()
    {
        var run = new RunSketch();
        run.Add(ItemKind.Image, "a.jpg",
            Done(StepNames.OptimizeImage, Optimized()),
            Done(
                StepNames.AnalyzeImage,
                new ImageAnalysis("A door.", "", [])) with { Engine = "OpenAI/llava", CostUsd = null, SavedByOptimizingUsd = null,
                    Cache = CacheOutcome.Miss });
        run.AddImage("b.jpg", "A window.", "");
        var (_, report) = await WriteAsync(run, Document("x"));
        Assert.Equal(["OpenAI/llava"], report.Cost.Unpriced);
        Assert.Equal(0.0012m, report.Cost.SpentUsd);
        Assert.Null(report.Items[0].Steps[1].CostUsd);
    }

    [Fact]
    public async Task Writing_twice_gives_one_valid_report_and_an_older_run_never_replaces_a_newer_one()
    {
        var newer = Noted(runSeq: 2);
        await WriteAsync(newer, Document("newer"));
        await WriteAsync(newer, Document("newer"));

        var older = Noted(runSeq: 1);
        await older.StoreAsync(runs);
        var result = await Writer().WriteAsync(older.Run, CancellationToken.None);

        Assert.Equal(1, result.RunSeq);
        Assert.Equal(2, (await ReadAsync<Report>("holiday/report.json")).RunSeq);
        Assert.Equal(1, (await ReadAsync<Report>("holiday/runs/1/report.json")).RunSeq);
        var properties = (await account.Results.GetBlobClient("holiday/report.json").GetPropertiesAsync()).Value;
        Assert.Equal(
            ("2", "digest-2", "application/json"),
            (properties.Metadata[ReportWriter.RunSeqMetadata], properties.Metadata[ReportWriter.InventoryDigestMetadata], properties.ContentType));
        Assert.Contains("run 2", await ReadTextAsync("holiday/report.md"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("report.md", false)]
    [InlineData("report.md", true)]
    [InlineData("report.json", false)]
    [InlineData("report.json", true)]
    public async Task A_newer_report_that_comes_while_an_older_one_is_on_its_way_stays(string held, bool anotherIsThere)
    {
        if (anotherIsThere) await WriteAsync(Noted(runSeq: 1), Document("first"));
        await using var proxy = await StorageProxy.StartAsync(storage);
        var throughProxy = MediaAccount.Open(new StorageOptions { ConnectionString = proxy.ConnectionString });
        var older = Noted(runSeq: 2);
        await older.StoreAsync(runs);
        await PlanAsync(older, Document("older"), null);
        var upload = proxy.Hold(r => r.IsUpload && r.Touches($"/results/holiday/{held}"), afterwards: false);
        var late =
            new ReportWriter(throughProxy, new RunStore(throughProxy), azurite.NewLedger(time), workFolder, time, NullLogger<ReportWriter>.Instance)
            .WriteAsync(older.Run, CancellationToken.None);
        await upload.Reached;

        await WriteAsync(Noted(runSeq: 3), Document("newer"));
        upload.Release();
        await late;

        Assert.Equal(3, (await ReadAsync<Report>("holiday/report.json")).RunSeq);
        Assert.Contains("run 3", await ReadTextAsync("holiday/report.md"), StringComparison.Ordinal);
        Assert.Equal(2, (await ReadAsync<Report>("holiday/runs/2/report.json")).RunSeq);
    }

    [Fact]
    public async Task The_readable_report_holds_nothing_but_text_of_what_media_say()
    {
        var run = new RunSketch();
        run.AddImage("<b>|x`.jpg", "<script>alert(1)</script>", "```\n# break out\n![x](http://evil/x.png)");
        run.Add(ItemKind.Image, "corrupt.jpg", Not(StepNames.OptimizeImage, StepStatus.Failed, FailureCodes.CorruptImage));
        var (_, _) = await WriteAsync(
            run, new SynthesisDocument("# <i>Title</i>", "See [this](http://evil).\n\nMore.", ["a <b>point</b>"], ["topic"], ["do it"], "en"));

        var markdown = await ReadTextAsync("holiday/report.md");
        var outside = OutsideFences(markdown);
        Assert.DoesNotContain("<script", outside, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", outside, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?<!\\)\]\(", outside);
        Assert.DoesNotContain("http://", outside, StringComparison.Ordinal);
        Assert.DoesNotContain("break out", outside.Split("## Contents")[1], StringComparison.Ordinal);
        Assert.StartsWith("# \\# &lt;i&gt;Title&lt;/i&gt;", markdown, StringComparison.Ordinal);
        Assert.Contains("- corrupt.jpg: `corrupt-image`. It went wrong. Try something else.", markdown, StringComparison.Ordinal);
        Assert.Contains("Cost: 0.0012 USD", markdown, StringComparison.Ordinal);
        Assert.True(markdown.IndexOf("## Summary", StringComparison.Ordinal) < markdown.IndexOf("## Items", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Thousands_of_items_with_long_names_are_reported_in_order()
    {
        var run = new RunSketch();
        for (var i = 0; i < 3000; i++) run.AddText($"{new string('n', 990)}{i:D5}.txt", $"Note {i}.");
        await run.StoreAsync(runs);
        await PlanAsync(run, Document("many"), null);
        await Writer().WriteAsync(run.Run, CancellationToken.None);

        var report = await ReadAsync<Report>("holiday/report.json");
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => $"Note {i}."), report.Items.Select(i => i.Text));
    }

    [Fact]
    public async Task A_long_batch_name_has_its_report_under_its_shortened_name()
    {
        var run = new RunSketch(batch: new string('b', 900));
        run.AddText("a.txt", "Hello there.");
        await WriteAsync(run, Document("x"));
        Assert.True(await account.Results.GetBlobClient($"{run.Run.Batch.ResultsFolder}/report.json").ExistsAsync());
    }

    private static RunSketch Noted(int runSeq)
    {
        var run = new RunSketch(runSeq: runSeq);
        run.AddText("a.txt", "Hello there.");
        return run;
    }

    private static SynthesisDocument Document(string title) => new(title, "A summary.", ["A point."], ["topic"], ["Do it."], "en");

    private static string OutsideFences(string markdown)
    {
        var outside = new StringBuilder();
        string? fence = null;
        foreach (var line in markdown.Split('\n'))
        {
            if (fence is null && line.StartsWith("```", StringComparison.Ordinal)) fence = line.Replace("text", "", StringComparison.Ordinal);
            else if (fence is not null && line == fence) fence = null;
            else if (fence is null) outside.AppendLine(line);
        }

        Assert.Null(fence);
        return outside.ToString();
    }

    private ReportWriter Writer() => new(account, runs, azurite.NewLedger(time), workFolder, time, NullLogger<ReportWriter>.Instance);

    private async Task<(RunResult Result, Report Report)> WriteAsync(RunSketch run, SynthesisDocument? document, Failure? reason = null)
    {
        await run.StoreAsync(runs);
        await PlanAsync(run, document, reason);
        var result = await Writer().WriteAsync(run.Run, CancellationToken.None);
        var folder = run.Run.Batch.ResultsFolder;
        var text = await ReadTextAsync($"{folder}/report.json");
        Assert.Equal(text, await ReadTextAsync($"{ReportWriter.RunFolder(run.Run)}/report.json"));
        await ReportSchema.HoldsAsync(text);
        return (result, JsonSerializer.Deserialize<Report>(text, PipelineJson.Options)!);
    }

    private async Task PlanAsync(RunSketch run, SynthesisDocument? document, Failure? reason)
    {
        if (document is not null)
        {
            await runs.WriteDocumentAsync(run.Run, SynthesisOutline.DocumentName, new SynthesisOutline([1], null, []), CancellationToken.None);
            await runs.WriteNodeRecordAsync(
                new SynthesisNode(run.Run, 0, 0), Done(StepNames.Synthesize, document) with { Engine = "Offline/extractive" },
                CancellationToken.None);
        }
        else if (reason is not null)
        {
            await runs.WriteDocumentAsync(run.Run, SynthesisOutline.DocumentName, new SynthesisOutline([0], reason, []), CancellationToken.None);
        }
    }

    private async Task<string> ReadTextAsync(string name)
    {
        BlobDownloadResult read = await account.Results.GetBlobClient(name).DownloadContentAsync();
        return read.Content.ToString();
    }

    private async Task<T> ReadAsync<T>(string name) => JsonSerializer.Deserialize<T>(await ReadTextAsync(name), PipelineJson.Options)!;
}
