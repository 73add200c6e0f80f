using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Text;
using static MultiModal.Pipeline.Tests.Reports.RunSketch;

namespace MultiModal.Pipeline.Tests.Reports;

public class ItemAssemblerTests
{
    private readonly RunSketch run = new();

    [Fact]
    public void An_image_says_what_it_shows_and_what_is_written_on_it()
    {
        run.AddImage("sign.jpg", "A sign above a door.", "HARBOUR CAFE");
        var item = Assemble();
        Assert.Equal(ItemStatus.Succeeded, item.Status);
        Assert.Empty(item.Warnings);
        Assert.Equal("A sign above a door.\n\nText in the image:\nHARBOUR CAFE", ItemAssembler.TextOf(item));
    }

    [Fact]
    public void An_image_without_text_says_what_it_shows_with_its_tags()
    {
        run.Add(
            ItemKind.Image, "a.jpg", Done(StepNames.OptimizeImage, Optimized()),
            Done(StepNames.AnalyzeImage, new ImageAnalysis("A harbour.", "", ["boats", "morning"])));
        Assert.Equal("A harbour.\n\nTags: boats, morning", ItemAssembler.TextOf(Assemble()));
    }

    [Fact]
    public void An_image_that_was_only_read_says_its_text_alone()
    {
        run.AddImage("sign.jpg", null, "HARBOUR CAFE\n");
        Assert.Equal("HARBOUR CAFE", ItemAssembler.TextOf(Assemble()));
    }

    [Fact]
    public void An_image_without_content_is_not_an_input()
    {
        run.AddImage("blank.jpg", null, "");
        var item = Assemble();
        Assert.Equal(ItemStatus.Succeeded, item.Status);
        Assert.Null(ItemAssembler.TextOf(item));
    }

    [Fact]
    public void An_image_that_could_not_be_looked_at_still_shows_its_size()
    {
        run.Add(
            ItemKind.Image, "a.jpg", Done(StepNames.OptimizeImage, Optimized()),
            Not(StepNames.AnalyzeImage, StepStatus.Failed, FailureCodes.ContentFiltered));
        var item = Assemble();
        Assert.Equal((ItemStatus.Failed, FailureCodes.ContentFiltered, 1000), (item.Status, item.Error?.Code, item.Sent?.Width));
        Assert.Null(ItemAssembler.TextOf(item));
    }

    [Theory]
    [InlineData(
        false, ItemStatus.Failed, FailureCodes.StepAbandoned,
        "The step never ended, because its host went away or storage could not be reached. Start the batch again.")]
    [InlineData(true, ItemStatus.Cancelled, FailureCodes.Cancelled, "The run was cancelled before this item was done.")]
    public void A_step_without_a_record_was_abandoned_or_cancelled(bool cancelled, ItemStatus status, string code, string message)
    {
        run.Add(ItemKind.Image, "a.jpg", Done(StepNames.OptimizeImage, Optimized()));
        var item = ItemAssembler.Assemble(run.Items[0].Item, run.Items[0].Records, cancelled);
        Assert.Equal((status, new Failure(code, message, Retryable: true)), (item.Status, item.Error));
    }

    [Theory]
    [InlineData(StepStatus.Skipped, FailureCodes.EngineOff, ItemStatus.Skipped)]
    [InlineData(StepStatus.Cancelled, FailureCodes.Cancelled, ItemStatus.Cancelled)]
    [InlineData(StepStatus.Failed, FailureCodes.EngineFault, ItemStatus.Failed)]
    public void The_step_of_an_item_decides_its_status(StepStatus step, string code, ItemStatus expected)
    {
        run.Add(ItemKind.Image, "a.jpg", Done(StepNames.OptimizeImage, Optimized()), Not(StepNames.AnalyzeImage, step, code));
        var item = Assemble();
        Assert.Equal((expected, code), (item.Status, item.Error?.Code));
    }

    [Theory]
    [InlineData(ItemKind.Unsupported, FailureCodes.UnknownFormat, ItemStatus.Unsupported)]
    [InlineData(ItemKind.Unsupported, FailureCodes.UnsupportedSvg, ItemStatus.Unsupported)]
    [InlineData(ItemKind.Unsupported, FailureCodes.EmptyFile, ItemStatus.Failed)]
    [InlineData(ItemKind.Image, FailureCodes.ChangedDuringRun, ItemStatus.Failed)]
    public void An_item_refused_by_the_inventory_needs_no_record(ItemKind kind, string code, ItemStatus expected)
    {
        run.Add(kind, "a.bin", new Failure(code, "No."), null);
        var item = Assemble();
        Assert.Equal((expected, code), (item.Status, item.Error?.Code));
    }

    [Fact]
    public void An_item_of_no_kind_that_is_read_is_unsupported()
    {
        run.Add(ItemKind.Unsupported, "a.bin");
        var item = Assemble();
        Assert.Equal(
            (ItemStatus.Unsupported, new Failure(FailureCodes.UnknownFormat, "The file is not of a kind that is read here.")),
            (item.Status, item.Error));
    }

    [Fact]
    public void A_recording_without_any_piece_has_nothing_to_say()
    {
        run.AddAudio("short.mp3");
        var item = Assemble();
        Assert.Equal(ItemStatus.Succeeded, item.Status);
        Assert.Null(ItemAssembler.TextOf(item));
    }

    [Fact]
    public void A_recording_in_which_nobody_speaks_fails_for_that_reason()
    {
        run.AddAudio(
            "waves.mp3", Not(StepNames.TranscribeAudio, StepStatus.Failed, FailureCodes.NoSpeech, 0),
            Not(StepNames.TranscribeAudio, StepStatus.Failed, FailureCodes.NoSpeech, 1));
        Assert.Equal((ItemStatus.Failed, FailureCodes.NoSpeech), (Assemble().Status, Assemble().Error?.Code));
    }

    [Fact]
    public void A_lost_piece_is_a_gap_and_the_rest_of_the_recording_stands()
    {
        run.AddAudio("talk.mp3", Chunk(0, "one"), Not(StepNames.TranscribeAudio, StepStatus.Failed, FailureCodes.EngineFault, 1), Chunk(2, "three"));
        var item = Assemble();

        Assert.Equal(ItemStatus.Succeeded, item.Status);
        Assert.Equal($"one {StitchedTranscript.GapText} three", ItemAssembler.TextOf(item));
        Assert.Equal(1, Assert.Single(item.Transcript!.Gaps).Chunk);
        Assert.Single(item.Lost);
        Assert.Contains("1 of 3 pieces", item.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_piece_is_no_loss()
    {
        run.AddAudio("talk.mp3", Chunk(0, "one"), Not(StepNames.TranscribeAudio, StepStatus.Failed, FailureCodes.NoSpeech, 1));
        var item = Assemble();
        Assert.Equal("one", ItemAssembler.TextOf(item));
        Assert.Empty(item.Lost);
    }

    [Fact]
    public void A_recording_failed_where_every_piece_did()
    {
        run.AddAudio(
            "talk.mp3", Not(StepNames.TranscribeAudio, StepStatus.Failed, FailureCodes.NoSpeech, 0),
            Not(StepNames.TranscribeAudio, StepStatus.Failed, FailureCodes.EngineFault, 1));
        Assert.Equal(FailureCodes.EngineFault, Assemble().Error?.Code);
    }

    [Fact]
    public void The_pages_of_a_scan_are_its_text_in_order()
    {
        run.Add(ItemKind.Text, "scan.pdf",
            Done(StepNames.ReadText, new TextContent("", "utf-8"), parts: 3),
            Done(StepNames.OptimizeImage, Optimized(), 2), Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "third", []), 2),
            Done(StepNames.OptimizeImage, Optimized(), 0), Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "first", []), 0),
            Not(StepNames.OptimizeImage, StepStatus.Failed, FailureCodes.CorruptImage, 1));
        var item = Assemble();

        Assert.Equal("first\n\nthird", ItemAssembler.TextOf(item));
        Assert.Contains("1 of 3 pages", item.Note, StringComparison.Ordinal);
        Assert.Equal(
            [StepNames.ReadText, StepNames.OptimizeImage, StepNames.AnalyzeImage, StepNames.OptimizeImage], item.Steps.Take(4).Select(s => s.Step));
    }

    [Fact]
    public void The_text_of_a_page_comes_before_what_its_picture_says_and_pages_keep_their_order()
    {
        PageImage[] pages = [new(2, "pages/2", ContentHash.Compute([2]), 10), new(5, "pages/5", ContentHash.Compute([5]), 10)];
        PageText[] texts = [new(1, "one"), new(2, "two"), new(6, "six")];
        run.Add(ItemKind.Text, "report.pdf",
            Done(StepNames.ReadText, new TextContent("before all", null, "A note.", pages, texts), parts: 2),
            Done(StepNames.OptimizeImage, Optimized(), 0), Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "seen on two", [], Cut: true), 0),
            Done(StepNames.OptimizeImage, Optimized(), 1), Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "seen on five", [], Cut: true), 1));
        var item = Assemble();

        Assert.Equal("before all\n\none\n\ntwo\n\nseen on two\n\nseen on five\n\nsix", ItemAssembler.TextOf(item));
        Assert.Equal("A note. The model's answer ended at its maximum length: the end of the text is missing of page 2, 5.", item.Note);
    }

    [Fact]
    public void Pages_that_are_lost_are_counted_with_the_reason_of_each()
    {
        run.Add(ItemKind.Text, "scan.pdf",
            Done(StepNames.ReadText, new TextContent("", "utf-8", "A note."), parts: 4),
            Not(StepNames.OptimizeImage, StepStatus.Failed, FailureCodes.CorruptImage, 0),
            Done(StepNames.OptimizeImage, Optimized(), 1), Not(StepNames.AnalyzeImage, StepStatus.Failed, FailureCodes.ContentFiltered, 1),
            Not(StepNames.OptimizeImage, StepStatus.Failed, FailureCodes.CorruptImage, 2),
            Done(StepNames.OptimizeImage, Optimized(), 3), Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "last", []), 3));
        var item = Assemble();

        Assert.Equal((ItemStatus.Succeeded, "last"), (item.Status, ItemAssembler.TextOf(item)));
        Assert.Equal("A note. 3 of 4 pages are missing (corrupt-image, content-filtered).", item.Note);
        Assert.Equal([FailureCodes.CorruptImage, FailureCodes.ContentFiltered, FailureCodes.CorruptImage], item.Lost.Select(l => l.Code));
    }

    [Theory]
    [InlineData("", ItemStatus.Failed)]
    [InlineData("The text layer.", ItemStatus.Succeeded)]
    public void A_document_whose_pictures_are_all_lost_fails_unless_it_has_text(string text, ItemStatus status)
    {
        run.Add(ItemKind.Text, "scan.pdf",
            Done(StepNames.ReadText, new TextContent(text, "utf-8"), parts: 1),
            Not(StepNames.OptimizeImage, StepStatus.Failed, FailureCodes.CorruptImage, 0));
        var item = Assemble();
        Assert.Equal((status, status == ItemStatus.Failed ? FailureCodes.CorruptImage : null), (item.Status, item.Error?.Code));
    }

    [Fact]
    public void A_document_without_text_and_without_pictures_is_read_all_the_same()
    {
        run.AddText("empty.txt", "");
        Assert.Equal((ItemStatus.Succeeded, ""), (Assemble().Status, Assemble().Text));
    }

    [Fact]
    public void Pages_whose_text_is_too_small_are_named_in_their_order()
    {
        PageImage[] pages = [new(3, "pages/3", ContentHash.Compute([3]), 10), new(4, "pages/4", ContentHash.Compute([4]), 10)];
        var small = Optimized() with { Shortfall = "Why." };
        run.Add(ItemKind.Text, "scan.pdf",
            Done(StepNames.ReadText, new TextContent("", "utf-8", Pages: pages), parts: 2),
            Done(StepNames.OptimizeImage, small, 0), Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "three", []), 0),
            Done(StepNames.OptimizeImage, small, 1), Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "four", []), 1));
        Assert.Equal("The smallest text is too small to be read on page 3, 4.", Assemble().Note);
    }

    [Fact]
    public void A_page_whose_answer_was_cut_is_named_and_the_item_says_so_by_code()
    {
        run.Add(ItemKind.Text, "scan.pdf",
            Done(StepNames.ReadText, new TextContent("", "utf-8"), parts: 2),
            Done(StepNames.OptimizeImage, Optimized(), 0), Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "first", []), 0),
            Done(StepNames.OptimizeImage, Optimized(), 1), Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "sec", [], Cut: true), 1));
        var item = Assemble();

        Assert.Equal((ItemStatus.Succeeded, FailureCodes.AnswerCut), (item.Status, Assert.Single(item.Warnings).Code));
        Assert.Equal("The model's answer ended at its maximum length: the end of the text is missing of page 2.", item.Note);
    }

    [Fact]
    public void Text_that_is_too_small_in_what_was_sent_is_a_warning_by_code()
    {
        run.Add(ItemKind.Image, "screen.png",
            Done(StepNames.OptimizeImage, Optimized() with { Shortfall = "The smallest text is too small to be read." }),
            Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "some", [], Cut: true)));
        var item = Assemble();

        Assert.Equal(ItemStatus.Succeeded, item.Status);
        Assert.Equal([FailureCodes.TextIllegible, FailureCodes.AnswerCut], item.Warnings.Select(w => w.Code));
        Assert.StartsWith("The smallest text is too small to be read. The model's answer", item.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_whose_text_is_too_small_is_named()
    {
        run.Add(ItemKind.Text, "scan.pdf",
            Done(StepNames.ReadText, new TextContent("", "utf-8"), parts: 2),
            Done(StepNames.OptimizeImage, Optimized(), 0), Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "first", []), 0),
            Done(StepNames.OptimizeImage, Optimized() with { Shortfall = "Why." }, 1),
            Done(StepNames.AnalyzeImage, new ImageAnalysis(null, "second", []), 1));
        var item = Assemble();

        Assert.Equal(FailureCodes.TextIllegible, Assert.Single(item.Warnings).Code);
        Assert.Equal("The smallest text is too small to be read on page 2.", item.Note);
    }

    private AssembledItem Assemble() => ItemAssembler.Assemble(run.Items[0].Item, run.Items[0].Records, cancelled: false);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_recording_that_its_engine_was_not_sure_of_has_a_warning(bool uncertain)
    {
        var doubted = new Transcript([new TranscriptSegment(0, 9, "two")], null, uncertain);
        run.AddAudio("talk.mp3", Chunk(0, "one"), Done(StepNames.TranscribeAudio, doubted, 1));
        var item = Assemble();
        Assert.Equal(ItemStatus.Succeeded, item.Status);
        Assert.Equal(uncertain ? [FailureCodes.Uncertain] : [], item.Warnings.Select(warning => warning.Code));
    }
}
