using System.Text.Json;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Tests.Workflow;

public class BatchWorkflowTests
{
    private static readonly RunReference Run = new(BatchName.Parse("holiday"), 1);

    private static Task<RunResult> ReplayAsync(ScriptedSteps steps, int seed = 1) =>
        new ReplayingOrchestration(steps, seed).RunAsync(s => BatchWorkflow.RunAsync(s, Run));

    [Fact]
    public async Task Every_kind_goes_through_its_own_steps()
    {
        var steps = new ScriptedSteps([ItemKind.Image, ItemKind.Audio, ItemKind.Text, null]) { Chunks = 3 };
        await ReplayAsync(steps);
        Assert.Equal(
            ["analyze 0.0", "inventory", "optimize 0.0", "plan 0", "prepare 1.0", "read 2.0", "report", "synthesize 0.0", "transcribe 1.0",
                "transcribe 1.1", "transcribe 1.2"],
            steps.Calls.Order(StringComparer.Ordinal));
        Assert.Equal("inventory", steps.Calls[0]);
        Assert.Equal(["plan 0", "synthesize 0.0", "report"], steps.Calls.TakeLast(3));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("engine-fault")]
    public async Task A_picture_comes_after_the_synthesis_and_its_failure_delays_no_report(string? code)
    {
        var steps = new ScriptedSteps([ItemKind.Text]) { Illustrated = true };
        if (code is not null) steps.Fails["generate"] = code;
        await ReplayAsync(steps);
        Assert.Equal(["plan 0", "synthesize 0.0", "generate", "report"], steps.Calls.TakeLast(4));
    }

    [Fact]
    public async Task A_batch_that_cannot_run_gets_no_picture()
    {
        var steps = new ScriptedSteps([]) { Illustrated = true, InventoryFailure = new Failure("invalid-batch-options", "No.") };
        await ReplayAsync(steps);
        Assert.Equal(["inventory", "report"], steps.Calls);
    }

    [Fact]
    public async Task Pages_of_a_scan_are_images_of_their_own()
    {
        var steps = new ScriptedSteps([ItemKind.Text]) { Pages = 2 };
        await ReplayAsync(steps);
        Assert.Contains("optimize 0.0", steps.Calls);
        Assert.Contains("analyze 0.1", steps.Calls);
    }

    [Fact]
    public async Task Each_tile_of_an_image_is_looked_at()
    {
        var steps = new ScriptedSteps([ItemKind.Image]) { Tiles = 3, Fails = { ["analyze 0.0.1"] = "engine-fault" } };
        await ReplayAsync(steps);
        Assert.Equal(
            ["analyze 0.0", "analyze 0.0.1", "analyze 0.0.2"],
            steps.Calls.Where(call => call.StartsWith("analyze", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Single(steps.Calls, call => call.StartsWith("optimize", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    public async Task No_history_grows_with_the_tiles_of_pages(int tiles)
    {
        var steps = new ScriptedSteps([.. Enumerable.Repeat((ItemKind?)ItemKind.Text, SliceReference.Size)]) { Pages = 10, Tiles = tiles };
        var orchestration = new ReplayingOrchestration(steps, 1);
        await orchestration.RunAsync(s => BatchWorkflow.RunAsync(s, Run));

        Assert.InRange(orchestration.LongestHistory, 0, LongestHistory);
        var looked = steps.Calls.Where(call => call.StartsWith("analyze", StringComparison.Ordinal)).ToList();
        Assert.Equal(SliceReference.Size * 10 * tiles, looked.Distinct().Count());
        Assert.Equal(looked.Count, looked.Distinct().Count());
    }

    [Fact]
    public async Task An_image_with_a_tile_that_fails_is_not_complete()
    {
        var steps = new ScriptedSteps([ItemKind.Image, ItemKind.Image]) { Tiles = 12, Fails = { ["analyze 1.0.11"] = "engine-fault" } };
        Assert.Equal(
            new SliceTally(1, 1),
            await new ReplayingOrchestration(steps, 1).RunAsync(s => BatchWorkflow.RunSliceAsync(s, new SliceReference(Run, 0, PartsApart: true))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task All_pictures_are_shrunk_and_compared_before_the_first_is_looked_at(int seed)
    {
        var kinds = Enumerable.Repeat((ItemKind?)ItemKind.Image, 120).Append(ItemKind.Audio).ToList();
        var steps = new ScriptedSteps(kinds)
        {
            Similar = round => round == 0
                ? new SimilarPictures([new SimilarPicture(70, 3, 0.1), new SimilarPicture(119, 3, 0.2)], [])
                : SimilarPictures.None,
        };
        await ReplayAsync(steps, seed);
        Assert.Equal(120, steps.Calls.Take(steps.Calls.IndexOf("find 0")).Count(call => call.StartsWith("optimize", StringComparison.Ordinal)));
        Assert.True(steps.Calls.IndexOf("find 0") < steps.Calls.FindIndex(call => call.StartsWith("analyze", StringComparison.Ordinal)));
        Assert.Equal(118, steps.Calls.Count(call => call.StartsWith("analyze", StringComparison.Ordinal)));
        Assert.DoesNotContain("analyze 70.0", steps.Calls);
        Assert.Single(steps.Calls, call => call == "transcribe 120.0");
        Assert.Equal(["plan 0", "synthesize 0.0", "report"], steps.Calls.TakeLast(3));
    }

    [Fact]
    public async Task Pictures_that_are_released_are_looked_at_round_by_round()
    {
        var steps = new ScriptedSteps([ItemKind.Image, ItemKind.Image, ItemKind.Image])
        {
            Similar = round => round switch
            {
                0 => new SimilarPictures([new SimilarPicture(1, 0, 0), new SimilarPicture(2, 0, 0)], []),
                1 => new SimilarPictures([new SimilarPicture(2, 1, 0)], [1]),
                2 => new SimilarPictures([], [2]),
                _ => SimilarPictures.None,
            },
        };
        await ReplayAsync(steps);
        Assert.Equal(
            ["find 0", "analyze 0.0", "find 1", "analyze 1.0", "find 2", "analyze 2.0"],
            steps.Calls.Where(call => call.StartsWith("find", StringComparison.Ordinal) || call.StartsWith("analyze", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_first_page_that_fails_keeps_nobody_from_the_others()
    {
        var steps = new ScriptedSteps([ItemKind.Image]) { ImagePages = 3, Fails = { ["optimize 0.0"] = "corrupt-image" } };
        await ReplayAsync(steps);
        Assert.Equal(
            ["analyze 0.1", "analyze 0.2"],
            steps.Calls.Where(call => call.StartsWith("analyze", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_failed_step_ends_its_own_item_alone()
    {
        var steps = new ScriptedSteps([ItemKind.Image, ItemKind.Image]) { Fails = { ["optimize 0.0"] = "corrupt-image" } };
        await ReplayAsync(steps);
        Assert.DoesNotContain("analyze 0.0", steps.Calls);
        Assert.Contains("analyze 1.0", steps.Calls);
        Assert.Equal("report", steps.Calls[^1]);
    }

    [Fact]
    public async Task A_lost_chunk_does_not_stop_the_others()
    {
        var steps = new ScriptedSteps([ItemKind.Audio]) { Chunks = 3, Fails = { ["transcribe 0.1"] = "engine-fault" } };
        await ReplayAsync(steps);
        Assert.Contains("transcribe 0.2", steps.Calls);
    }

    [Fact]
    public async Task A_batch_that_cannot_run_still_gets_its_report()
    {
        var steps = new ScriptedSteps([]) { InventoryFailure = new Failure("invalid-batch-options", "") };
        await ReplayAsync(steps);
        Assert.Equal(["inventory", "report"], steps.Calls);
    }

    [Fact]
    public async Task Synthesis_adds_levels_until_one_group_remains()
    {
        var steps = new ScriptedSteps([ItemKind.Text]) { Groups = level => new[] { 7, 3, 1 }[level] };
        await ReplayAsync(steps);
        Assert.Equal(7, steps.Calls.Count(c => c.StartsWith("synthesize 0", StringComparison.Ordinal)));
        Assert.Equal(3, steps.Calls.Count(c => c.StartsWith("synthesize 1", StringComparison.Ordinal)));
        Assert.Equal(["plan 2", "synthesize 2.0", "report"], steps.Calls.TakeLast(3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_completes_first_each_step_is_done_once(int seed)
    {
        var kinds = Enumerable.Range(0, 130).Select(i => (ItemKind?)(ItemKind)((i % 3) + 1)).ToList();
        var steps = new ScriptedSteps(kinds) { Chunks = 2 };
        await ReplayAsync(steps, seed);
        Assert.Equal(steps.Calls.Count, steps.Calls.Distinct().Count());
        Assert.Equal(kinds.Count(k => k == ItemKind.Image), steps.Calls.Count(c => c.StartsWith("analyze", StringComparison.Ordinal)));
        Assert.Equal(2 * kinds.Count(k => k == ItemKind.Audio), steps.Calls.Count(c => c.StartsWith("transcribe", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task No_payload_reaches_16_KB_with_10_000_items_of_a_batch_with_the_longest_name()
    {
        // Characters outside ASCII are written as six in JSON: the worst case.
        var run = new RunReference(BatchName.Parse(new string('界', BatchName.MaxLength)), int.MaxValue);
        var kinds = Enumerable.Repeat((ItemKind?)ItemKind.Image, 10_000).ToList();
        var orchestration = new ReplayingOrchestration(new ScriptedSteps(kinds), 1);
        await orchestration.RunAsync(s => BatchWorkflow.RunAsync(s, run));
        Assert.True(orchestration.LargestPayload < 16 << 10, $"The {orchestration.LargestPayloadOf} has {orchestration.LargestPayload} bytes.");
        Assert.InRange(orchestration.Replays, 3, int.MaxValue);
    }

    /// <summary>
    /// The worst case of a slice: every item has so many parts that they stay in its history, and each of them is a page with two steps.
    /// </summary>
    private const int LongestHistory = 1 + (SliceReference.Size * (1 + (10 * 2)));

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(51)]
    [InlineData(720)]
    public async Task No_history_grows_with_the_pieces_of_recordings(int pieces)
    {
        var steps = new ScriptedSteps([.. Enumerable.Repeat((ItemKind?)ItemKind.Audio, SliceReference.Size)]) { Chunks = pieces };
        var orchestration = new ReplayingOrchestration(steps, 1);
        await orchestration.RunAsync(s => BatchWorkflow.RunAsync(s, Run));

        Assert.InRange(orchestration.LongestHistory, 0, LongestHistory);
        var transcribed = steps.Calls.Where(c => c.StartsWith("transcribe", StringComparison.Ordinal)).ToList();
        Assert.Equal(SliceReference.Size * pieces, transcribed.Count);
        Assert.Equal(transcribed.Count, transcribed.Distinct().Count());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(2500)]
    [InlineData(2501)]
    [InlineData(5000)]
    public async Task No_history_grows_with_the_pages_of_a_document(int pages)
    {
        var steps = new ScriptedSteps([ItemKind.Text]) { Pages = pages };
        var orchestration = new ReplayingOrchestration(steps, 1);
        await orchestration.RunAsync(s => BatchWorkflow.RunAsync(s, Run));

        Assert.InRange(orchestration.LongestHistory, 0, 2 * PartsReference.Size);
        Assert.Equal(pages, steps.Calls.Count(c => c.StartsWith("analyze", StringComparison.Ordinal)));
        Assert.Contains($"analyze 0.{pages - 1}", steps.Calls);
    }

    [Fact]
    public async Task A_part_that_fails_among_many_leaves_its_item_incomplete()
    {
        var steps = new ScriptedSteps([ItemKind.Audio, ItemKind.Audio]) { Chunks = 120, Fails = { ["transcribe 1.77"] = "engine-fault" } };
        Assert.Equal(
            new SliceTally(1, 1),
            await new ReplayingOrchestration(steps, 1).RunAsync(s => BatchWorkflow.RunSliceAsync(s, new SliceReference(Run, 0, PartsApart: true))));
    }

    [Fact]
    public async Task A_slice_that_an_older_version_began_goes_on_in_its_own_history()
    {
        var begun = JsonSerializer.Deserialize<SliceReference>(
            """{ "run": { "batch": "holiday", "runSeq": 1, "scope": "all" }, "slice": 0 }""", PipelineJson.Options)!;
        var orchestration = new ReplayingOrchestration(new ScriptedSteps([ItemKind.Audio]) { Chunks = 120 }, 1);
        await orchestration.RunAsync(s => BatchWorkflow.RunSliceAsync(s, begun));
        Assert.Equal(1 + 1 + 120, orchestration.LongestHistory);
    }

    [Fact]
    public async Task The_replaying_context_catches_an_await_that_is_no_step()
    {
        var orchestration = new ReplayingOrchestration(new ScriptedSteps([]), 1);
        await Assert.ThrowsAnyAsync<Exception>(() => orchestration.RunAsync(async s =>
        {
            await Task.Delay(TimeSpan.FromDays(1));
            return await s.CallAsync(WriteReportStep.Definition, Run);
        }));
    }

    [Fact]
    public async Task The_replaying_context_catches_code_that_differs_between_replays()
    {
        var orchestration = new ReplayingOrchestration(new ScriptedSteps([]), 1);
        var pass = 0;
        await Assert.ThrowsAnyAsync<Exception>(() => orchestration.RunAsync(async s =>
        {
            await s.CallAsync(TakeInventoryStep.Definition, Run with { RunSeq = ++pass });
            return await s.CallAsync(WriteReportStep.Definition, Run);
        }));
    }

    [Fact]
    public async Task The_replaying_context_catches_code_that_leaves_its_thread()
    {
        var orchestration = new ReplayingOrchestration(new ScriptedSteps([]), 1);
        await Assert.ThrowsAnyAsync<Exception>(() => orchestration.RunAsync(async s =>
        {
            await s.CallAsync(TakeInventoryStep.Definition, Run).ConfigureAwait(false);
            return await s.CallAsync(WriteReportStep.Definition, Run).ConfigureAwait(false);
        }));
    }
}
