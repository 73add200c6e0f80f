using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Synthesis;
using MultiModal.Pipeline.Tests.Reports;
using static MultiModal.Pipeline.Tests.Reports.RunSketch;

namespace MultiModal.Pipeline.Tests.Synthesis;

[Collection(SharedAzurite.Name)]
public class SynthesisPlannerTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const int Limit = 2000;
    private const string Paragraph =
        "The harbour office has agreed to the plan. The new coffee machine arrives on Tuesday and is installed before noon. ";

    private MediaAccount account = null!;
    private RunStore runs = null!;

    public async Task InitializeAsync()
    {
        account = await azurite.NewAccountAsync();
        runs = new RunStore(account);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task The_texts_of_items_are_grouped_in_order_without_duplicates_and_failures()
    {
        var run = new RunSketch();
        run.AddImage("a.jpg", "A door.", "CAFE");
        run.Add(ItemKind.Image, "b.jpg", null, duplicateOf: 0);
        run.Add(ItemKind.Image, "c.jpg", Not(StepNames.OptimizeImage, StepStatus.Failed, FailureCodes.CorruptImage));
        run.AddAudio("d.mp3", Chunk(0, "good morning"));
        run.AddText("e.txt", "A note.");
        await run.StoreAsync(runs);

        Assert.Equal(1, await PlanAsync(run));
        var group = await GroupAsync(run, 0, 0);
        Assert.Equal(
            [new("a.jpg", "image", "A door.\n\nText in the image:\nCAFE"), new("d.mp3", "audio", "good morning"), new("e.txt", "text", "A note.")],
            group.Inputs);
        Assert.Null(group.Known);
    }

    [Fact]
    public async Task A_batch_of_one_short_item_needs_no_engine()
    {
        var run = new RunSketch();
        run.AddText("todo_list.txt", "Opening of the cafe.\n- [ ] Order napkins");
        await run.StoreAsync(runs);
        Assert.Equal(1, await PlanAsync(run));

        var known = (await GroupAsync(run, 0, 0)).Known;
        Assert.Equal(("Opening of the cafe", "Opening of the cafe.\n- [ ] Order napkins"), (known?.Title, known?.Summary));
        Assert.Equal(["Order napkins"], known?.ActionItems);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "Minutes of a meeting.")]
    public async Task A_long_item_or_one_with_wishes_goes_to_the_engine(bool isLong, string? instructions)
    {
        var run = new RunSketch { Options = new BatchOptions { Instructions = instructions } };
        run.AddText("note.txt", isLong ? string.Concat(Enumerable.Repeat(Paragraph, 10)) : Paragraph);
        await run.StoreAsync(runs);
        Assert.Equal(1, await PlanAsync(run));
        Assert.Null((await GroupAsync(run, 0, 0)).Known);
    }

    [Fact]
    public async Task An_item_over_the_limit_is_read_in_pieces()
    {
        var run = new RunSketch();
        var text = string.Concat(Enumerable.Range(0, 200).Select(i => $"{i}: {Paragraph}"));
        run.AddText("book.txt", text);
        await run.StoreAsync(runs);

        var groups = new List<SynthesisGroup>();
        for (var g = 0; g < await PlanAsync(run); g++) groups.Add(await GroupAsync(run, 0, g));
        Assert.True(groups.Count > 2);
        Assert.Equal(
            text.Replace(" ", "", StringComparison.Ordinal),
            string.Concat(groups.SelectMany(g => g.Inputs).Select(i => i.Text)).Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(FailureCodes.SupersededRun)]
    [InlineData(FailureCodes.Cancelled)]
    public async Task A_stopped_run_plans_nothing_and_keeps_the_reason(string code)
    {
        var run = new RunSketch();
        run.AddText("a.txt", "A note.");
        await run.StoreAsync(runs);
        Assert.Equal(0, (await Planner().PlanAsync(new SynthesisLevel(run.Run, 0), Limit, new Failure(code, "No."), CancellationToken.None)).Groups);
        Assert.Equal(code, (await OutlineAsync(run))?.Reason?.Code);
    }

    [Fact]
    public async Task A_batch_without_content_has_no_synthesis()
    {
        var run = new RunSketch();
        run.AddImage("blank.jpg", null, "");
        await run.StoreAsync(runs);
        Assert.Equal(0, await PlanAsync(run));
        Assert.Equal(FailureCodes.NothingToSynthesize, (await OutlineAsync(run))?.Reason?.Code);
    }

    [Fact]
    public async Task Two_thousand_texts_become_one_document_and_one_more_pays_for_its_own_path()
    {
        var before = await SynthesizeAsync("many", Enumerable.Range(0, 2000).Select(i => $"{i:D5}").ToList());
        var after = await SynthesizeAsync(
            "more", Enumerable.Range(0, 2000).Select(i => $"{i:D5}").Append("01000-new").Order(StringComparer.Ordinal).ToList());

        Assert.True(before.Levels.Count > 2, "the tree is not deep enough to tell");
        Assert.Equal(1, before.Levels[^1]);
        Assert.All(before.Levels.Zip(before.Levels.Skip(1)), l => Assert.InRange(l.Second, 1, Math.Max(1, l.First / 2)));
        Assert.True(before.Hashes.Count > 60);
        Assert.InRange(after.Hashes.Except(before.Hashes).Count(), 1, 3 * after.Levels.Count);
    }

    [Fact]
    public async Task A_failed_group_is_left_out_and_its_reason_kept()
    {
        var run = new RunSketch();
        for (var i = 0; i < 60; i++) run.AddText($"{i:D3}.txt", Paragraph + Paragraph + i);
        await run.StoreAsync(runs);
        var groups = await PlanAsync(run);
        Assert.True(groups > 2);
        for (var g = 0; g < groups; g++)
        {
            var record = g == 1
                ? Not(StepNames.Synthesize, StepStatus.Failed, FailureCodes.ContentFiltered)
                : Done(StepNames.Synthesize, new SynthesisDocument($"Part {g}", "Said.", [], [], [], "en"));
            await runs.WriteNodeRecordAsync(new SynthesisNode(run.Run, 0, g), record, CancellationToken.None);
        }

        for (var again = 0; again < 2; again++)
        {
            Assert.Equal(1, await PlanAsync(run, level: 1));
            Assert.Equal(
                Enumerable.Range(0, groups).Where(g => g != 1).Select(g => $"Part {g}"), (await GroupAsync(run, 1, 0)).Inputs.Select(i => i.Name));
            var lost = Assert.Single((await OutlineAsync(run))!.Lost);
            Assert.Equal((0, 1, FailureCodes.ContentFiltered), (lost.Level, lost.Group, lost.Failure.Code));
        }
    }

    [Fact]
    public async Task A_resumed_run_that_plans_anew_forgets_results_of_other_inputs()
    {
        var run = new RunSketch();
        run.AddText("a.txt", "A note.");
        run.Add(ItemKind.Text, "b.txt", Not(StepNames.ReadText, StepStatus.Failed, FailureCodes.StepTimedOut));
        await run.StoreAsync(runs);
        var node = new SynthesisNode(run.Run, 0, 0);
        await PlanAsync(run);
        await runs.WriteNodeRecordAsync(
            node, Done(StepNames.Synthesize, new SynthesisDocument("Old", "Said.", [], [], [], "en")), CancellationToken.None);

        await PlanAsync(run);
        Assert.NotNull(await runs.ReadNodeRecordAsync(node, CancellationToken.None));

        await runs.WriteRecordAsync(
            new ItemReference(run.Run, 1), Done(StepNames.ReadText, new MultiModal.Pipeline.Text.TextContent("Another.", "utf-8"), parts: 0),
            CancellationToken.None);
        await PlanAsync(run);
        Assert.Null(await runs.ReadNodeRecordAsync(node, CancellationToken.None));
        Assert.Equal(2, (await GroupAsync(run, 0, 0)).Inputs.Count);
    }

    [Fact]
    public async Task No_group_left_means_no_synthesis_and_one_group_left_becomes_the_synthesis()
    {
        var run = new RunSketch();
        for (var i = 0; i < 60; i++) run.AddText($"{i:D3}.txt", Paragraph + Paragraph + i);
        await run.StoreAsync(runs);
        var groups = await PlanAsync(run);
        for (var g = 0; g < groups; g++)
        {
            await runs.WriteNodeRecordAsync(
                new SynthesisNode(run.Run, 0, g), Not(StepNames.Synthesize, StepStatus.Failed, FailureCodes.EngineUnauthorized),
                CancellationToken.None);
        }

        Assert.Equal(0, await PlanAsync(run, level: 1));
        Assert.Equal(FailureCodes.EngineUnauthorized, (await OutlineAsync(run))?.Reason?.Code);

        await runs.WriteNodeRecordAsync(
            new SynthesisNode(run.Run, 0, 1), Done(StepNames.Synthesize, new SynthesisDocument("Left", "Said.", [], [], [], "en")),
            CancellationToken.None);
        Assert.Equal(1, await PlanAsync(run, level: 1));
        Assert.Equal("Left", (await GroupAsync(run, 1, 0)).Known?.Title);
    }

    private async Task<(List<int> Levels, HashSet<string> Hashes)> SynthesizeAsync(string batch, List<string> names)
    {
        var run = new RunSketch(batch);
        foreach (var name in names) run.AddText($"{name}.txt", $"{Paragraph}{name} is the number of this note.");
        await run.StoreAsync(runs);

        var levels = new List<int>();
        var hashes = new HashSet<string>();
        do
        {
            var level = levels.Count;
            levels.Add(await PlanAsync(run, level));
            for (var g = 0; g < levels[level]; g++)
            {
                var group = await GroupAsync(run, level, g);
                Assert.True(group.Inputs.Sum(i => TokenEstimate.ForText(i.Text)) <= Limit);
                Assert.True(hashes.Add(group.Hash().Value));
                var document = new SynthesisDocument(
                    $"On {group.Hash().Value[..8]}", string.Join(' ', group.Inputs.Select(i => i.Name)), [], [], [], "en");
                await runs.WriteNodeRecordAsync(new SynthesisNode(run.Run, level, g), Done(StepNames.Synthesize, document), CancellationToken.None);
            }
        }
        while (levels[^1] > 1);
        return (levels, hashes);
    }

    private SynthesisPlanner Planner() => new(runs);

    private async Task<int> PlanAsync(RunSketch run, int level = 0) =>
        (await Planner().PlanAsync(new SynthesisLevel(run.Run, level), Limit, null, CancellationToken.None)).Groups;

    private async Task<SynthesisGroup> GroupAsync(RunSketch run, int level, int group) =>
        (await runs.ReadGroupAsync<SynthesisGroup>(new SynthesisNode(run.Run, level, group), CancellationToken.None))!;

    private Task<SynthesisOutline?> OutlineAsync(RunSketch run) =>
        runs.ReadDocumentAsync<SynthesisOutline>(run.Run, SynthesisOutline.DocumentName, CancellationToken.None);
}
