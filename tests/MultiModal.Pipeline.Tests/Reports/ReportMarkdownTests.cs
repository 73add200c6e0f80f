using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Tests.Reports;

public sealed class ReportMarkdownTests
{
    private static readonly Report Report = new()
    {
        Batch = BatchName.Parse("holiday"),
        RunSeq = 3,
        InventoryDigest = "digest",
        Status = RunStatus.Succeeded,
        StartedAt = RunSketch.Started,
        CompletedAt = RunSketch.Started.AddSeconds(2.5),
        Options = BatchOptions.Default,
        Ignored = 0,
        Cost = new ReportCost(0.5m, 0.25m, 0.0000126m, []),
        Timing = new ReportTiming(2500, 5000, 2),
        Synthesis = new ReportSynthesis("The door", "First.\n\n  \nSecond.", ["A point."], ["door", "sign"], ["Knock."], "en", "OpenAI/gpt-4o", null),
    };

    [Fact]
    public async Task A_report_is_read_from_top_to_bottom() => Assert.Equal(
        """
        # The door

        Batch **holiday**, run 3: **succeeded**, 2026-03-01 12:00:02 UTC, 2.5 s instead of 5.0 s one after the other.

        Cost: 0.50 USD; saved 0.25 USD by optimising and 0.000013 USD by caching.

        ## Summary

        First.

        Second.

        ### Key points

        - A point.

        ### Action items

        - [ ] Knock.

        Topics: door, sign

        Written by OpenAI/gpt-4o.

        ## Items

        | item | kind | status | what it says |
        |---|---|---|---|
        | a.jpg | image | succeeded | A door. SIGN |
        | b.jpg | image | succeeded | the same as a.jpg |
        | c.jpg | image | succeeded | the same picture as a.jpg |
        | talk.mp3 | audio | succeeded | good morning |
        | x.bin | unsupported | unsupported `unknown-format` |  |
        | y.bin | unsupported | unsupported `unknown-format` | the same as x.bin |

        ## What went wrong, and what to do

        - x.bin: `unknown-format`. Not read here.

        ## Contents

        ### a.jpg

        First page of 12.

        ```text
        A door.

        SIGN
        ```

        ### talk.mp3

        ```text
        good morning
        ```

        The whole text, with times if it is a recording, is in `runs/3/items/2.json`.

        """,
        await WriteAsync(
            Report,
            Image("a.jpg", "A door.", "SIGN", "First page of 12."),
            Image("b.jpg", "A door.", "SIGN") with { DuplicateOf = "a.jpg" },
            Image("c.jpg", "A door.", "SIGN") with { SimilarTo = "a.jpg", Distance = 0.2 },
            Item(
                "talk.mp3",
                ItemKind.Audio) with { Audio = new ReportAudio(10, 10, 1, "good morning", "en", [], null), Detail = "runs/3/items/2.json" },
            Refused("x.bin"),
            Refused("y.bin") with { DuplicateOf = "x.bin" }));

    [Fact]
    public async Task A_batch_without_items_has_no_table_and_says_why_there_is_nothing()
    {
        var text = await WriteAsync(Report with
        {
            Status = RunStatus.Failed,
            Synthesis = null,
            Error = new ReportError(FailureCodes.InvalidBatchOptions, "batch.json: it is not JSON (line 1)."),
            SynthesisReason = new ReportError(FailureCodes.NothingToSynthesize, "Nothing *at all*."),
            Timing = new ReportTiming(0, 0, null),
        });
        Assert.Equal(
            """
            # holiday

            Batch **holiday**, run 3: **failed**, 2026-03-01 12:00:02 UTC, 0.0 s.

            Cost: 0.50 USD; saved 0.25 USD by optimising and 0.000013 USD by caching.

            The batch could not run: `invalid-batch-options`. batch.json: it is not JSON (line 1).

            No synthesis: `nothing-to-synthesize`. Nothing \*at all\*.

            """,
            text);
    }

    [Theory]
    [InlineData(RunStatus.PartiallySucceeded, "partially succeeded")]
    [InlineData(RunStatus.Cancelled, "cancelled")]
    public async Task The_status_is_written_in_words(RunStatus status, string words) =>
        Assert.Contains($"**{words}**", await WriteAsync(Report with { Status = status }), StringComparison.Ordinal);

    [Theory]
    [InlineData(1.2, true)]
    [InlineData(1.19, false)]
    [InlineData(null, false)]
    public async Task The_report_mentions_only_a_noticeable_speedup(double? speedup, bool isTold) =>
        Assert.Equal(
            isTold,
            (await WriteAsync(Report with { Timing = new ReportTiming(1000, 1100, speedup) })).Contains(
                "instead of 1.1 s one after the other", StringComparison.Ordinal));

    [Fact]
    public async Task The_report_names_possible_extra_costs_and_left_out_steps_if_there_are_any()
    {
        var text = await WriteAsync(Report with { Cost = new ReportCost(0, 0, 0, ["OpenAI/a_b", "OpenAI/c"], 0.5m, 7) });
        Assert.Contains(
            "Cost: 0.00 USD; saved 0.00 USD by optimising and 0.00 USD by caching. Up to 0.50 USD more may be billed for calls whose answer was "
                + "lost. " +
            "7 steps were left out because of the budget. Raise the budget and start again. Not counted, because they have no price: "
                + "OpenAI/a\\_b, OpenAI/c.\n",
            text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OpenAI/gpt-4o", "2 groups are missing.", "\nWritten by OpenAI/gpt-4o. 2 groups are missing.\n")]
    [InlineData(null, "2 groups are missing.", "\n2 groups are missing.\n")]
    [InlineData(null, null, "Topics: door, sign\n\n## Items")]
    public async Task Who_wrote_the_synthesis_and_what_it_lacks_stands_below_it(string? engine, string? note, string expected) =>
        Assert.Contains(
            expected,
            await WriteAsync(Report with { Synthesis = Report.Synthesis! with { Engine = engine, Note = note } }, Image("a.jpg", "A door.", null)),
            StringComparison.Ordinal);

    [Fact]
    public async Task A_synthesis_without_points_topics_and_actions_has_no_headings_for_them()
    {
        var text = await WriteAsync(Report with { Synthesis = Report.Synthesis! with { KeyPoints = [], ActionItems = [], Topics = [] } });
        Assert.DoesNotContain("###", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Topics", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifty_contents_are_shown_and_the_rest_is_pointed_to()
    {
        const string more = "The contents of further items are in report.json.";
        var fifty = Enumerable.Range(1, 50).Select(i => Item($"{i}.txt", ItemKind.Text) with { Text = $"Note {i}." }).ToArray();
        Assert.DoesNotContain(more, await WriteAsync(Report, fifty), StringComparison.Ordinal);
        var text = await WriteAsync(
            Report, [.. fifty, Item("51.txt", ItemKind.Text) with { Text = "Note 51." }, Item("52.txt", ItemKind.Text) with { Text = "Note 52." }]);
        Assert.EndsWith($"\n\n{more}\n", text, StringComparison.Ordinal);
        Assert.Equal(50, text.Split("\n### ").Length - 3);
        Assert.Contains("| 52\\.txt | text | succeeded | Note 52. |", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_hundred_failures_are_shown_and_the_rest_is_counted()
    {
        var failures = Enumerable.Range(1, 203).Select(i => Refused($"{i}.bin")).ToArray();
        Assert.DoesNotContain("more failures are in report.json", await WriteAsync(Report, failures[..200]), StringComparison.Ordinal);
        var text = await WriteAsync(Report, failures);
        Assert.Contains("- 200\\.bin: ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("- 201\\.bin: ", text, StringComparison.Ordinal);
        Assert.EndsWith("\n- 3 more failures are in report.json.\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_names_and_long_contents_are_shortened_in_the_table()
    {
        var text = await WriteAsync(
            Report,
            Item(
                new string('n', 300),
                ItemKind.Text) with { Text = string.Concat(Enumerable.Repeat("word ", 100)), TextNote = "Its encoding was guessed." });
        var row = text.Split('\n').Single(line => line.StartsWith("| nnn", StringComparison.Ordinal)).Split(" | ");
        Assert.InRange(row[0].Length, 90, 104);
        Assert.InRange(row[3].Length, 120, 144);
        Assert.Contains("\n\nIts encoding was guessed.\n\n```text\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_item_without_text_has_no_contents_section()
    {
        var text = await WriteAsync(
            Report, Image("a.jpg", null, " "), Item("b.txt", ItemKind.Text) with { Text = "  " }, Item("c.mp3", ItemKind.Audio));
        Assert.DoesNotContain("## Contents", text, StringComparison.Ordinal);
        Assert.Contains("| a.jpg | image | succeeded |  |", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notes_of_recordings_are_shown()
    {
        var text = await WriteAsync(
            Report, Item("talk.mp3", ItemKind.Audio) with { Audio = new ReportAudio(10, 10, 1, "good morning", "en", [], "Half of it is missing.") });
        Assert.Contains("### talk.mp3\n\nHalf of it is missing.\n\n```text\ngood morning\n```\n", text, StringComparison.Ordinal);
    }

    private static async Task<string> WriteAsync(Report report, params ReportItem[] items)
    {
        await using var writer = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        await ReportMarkdown.WriteAsync(writer, report, folder: "", () => items.ToAsyncEnumerable(), CancellationToken.None);
        return writer.ToString();
    }

    private static ReportItem Item(string name, ItemKind kind) =>
        new() { Name = name, ETag = "etag", Kind = kind, Bytes = 1, Status = ItemStatus.Succeeded };

    private static ReportItem Image(string name, string? description, string? text, string? note = null) =>
        Item(name, ItemKind.Image) with { Image = new ReportImage(10, 10, 5, 5, 1, description, text, [], note) };

    private static ReportItem Refused(string name) =>
        Item(
            name,
            ItemKind.Unsupported) with { Status = ItemStatus.Unsupported, Error = new ReportError(FailureCodes.UnknownFormat, "Not read here.") };
}
