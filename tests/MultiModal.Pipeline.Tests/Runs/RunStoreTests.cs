using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Tests.Reports;

namespace MultiModal.Pipeline.Tests.Runs;

[Collection(SharedAzurite.Name)]
public sealed class RunStoreTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly RunReference Run = new(BatchName.Parse("holiday"), 1);

    private MediaAccount account = null!;
    private RunStore runs = null!;

    public async Task InitializeAsync()
    {
        account = await azurite.NewAccountAsync();
        runs = new RunStore(account);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task The_first_attempt_that_completes_an_inventory_decides_for_all()
    {
        Assert.Null(await runs.ReadHeaderAsync(Run, CancellationToken.None));
        Assert.Equal("first", (await runs.WriteHeaderAsync(Run, Header("first"), CancellationToken.None)).Digest);
        Assert.Equal("first", (await runs.WriteHeaderAsync(Run, Header("second"), CancellationToken.None)).Digest);
        Assert.Equal("first", (await runs.ReadHeaderAsync(Run, CancellationToken.None))?.Digest);
    }

    [Fact]
    public async Task Items_are_found_by_their_index_and_read_in_order_over_all_pages()
    {
        await Sketch(120).StoreAsync(runs);
        var other = new RunStore(account);

        Assert.Equal(
            ["0.txt", "49.txt", "50.txt", "119.txt"],
            [await NameAsync(0), await NameAsync(49), await NameAsync(50), await NameAsync(119)]);
        Assert.Equal(Enumerable.Range(0, 120), await other.ReadItemsAsync(Run, 120, CancellationToken.None).Select(i => i.Index).ToListAsync());
        Assert.Equal(50, (await other.ReadPageAsync(Run, 1, CancellationToken.None)).Count);

        async Task<string> NameAsync(int index) => (await other.ReadItemAsync(new ItemReference(Run, index), CancellationToken.None)).Name;
    }

    [Fact]
    public async Task Pages_of_an_attempt_that_saw_something_else_are_not_those_of_the_inventory()
    {
        await runs.WritePageAsync(Run, "abandoned", 0, [Item("abandoned.txt")], CancellationToken.None);
        await runs.WritePageAsync(Run, "completed", 0, [Item("completed.txt")], CancellationToken.None);
        await runs.WriteHeaderAsync(Run, Header("completed"), CancellationToken.None);
        Assert.Equal("completed.txt", (await runs.ReadItemAsync(new ItemReference(Run, 0), CancellationToken.None)).Name);
    }

    [Fact]
    public async Task A_page_is_read_from_storage_once()
    {
        await Sketch(3).StoreAsync(runs);
        await runs.ReadItemAsync(new ItemReference(Run, 0), CancellationToken.None);
        await foreach (var blob in account.State.GetBlobsAsync(
            new() { Prefix = $"{RunStore.RunFolder(Run)}/inventory/" })) await account.State.DeleteBlobAsync(blob.Name);
        Assert.Equal("2.txt", (await runs.ReadItemAsync(new ItemReference(Run, 2), CancellationToken.None)).Name);
    }

    [Fact]
    public async Task An_empty_inventory_has_no_items_and_asks_for_no_page()
    {
        Assert.Empty(await runs.ReadItemsAsync(Run, 0, CancellationToken.None).ToListAsync());
        Assert.Empty(await runs.ReadItemsWithRecordsAsync(Run, 0, CancellationToken.None).ToListAsync());
    }

    [Fact]
    public async Task The_fault_names_the_data_that_was_deleted_during_a_run()
    {
        await SaysAsync("The inventory is missing", () => runs.ReadPageAsync(Run, 0, CancellationToken.None));
        await SaysAsync("The inventory is missing", () => runs.ReadOptionsAsync(Run, CancellationToken.None));
        await SaysAsync("The inventory is missing", async () => await runs.ReadItemsAsync(Run, 1, CancellationToken.None).ToListAsync());
        await SaysAsync(
            "The result of read-text is missing",
            () => runs.ReadResultAsync<string>(new ItemReference(Run, 0), StepNames.ReadText, CancellationToken.None));
        await runs.WriteHeaderAsync(Run, Header("digest"), CancellationToken.None);
        await SaysAsync("Page 3 of the inventory is missing", () => runs.ReadPageAsync(Run, 3, CancellationToken.None));

        static async Task SaysAsync(string sentence, Func<Task> read) =>
            Assert.StartsWith(sentence, (await Assert.ThrowsAsync<InvalidOperationException>(read)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_item_comes_with_its_own_records_however_many_there_are_and_whether_it_has_any()
    {
        var run = new RunSketch();
        for (var i = 0; i < 70; i++)
        {
            if (i % 7 == 3) run.Add(ItemKind.Unsupported, $"{i}.bin");
            else if (i % 7 == 4) run.AddImage($"{i}.jpg", "A door.", "");
            else run.AddText($"{i}.txt", $"Note {i}.");
        }

        await run.StoreAsync(runs);
        var read = await runs.ReadItemsWithRecordsAsync(Run, 70, CancellationToken.None).ToListAsync();

        Assert.Equal(Enumerable.Range(0, 70), read.Select(r => r.Item.Index));
        Assert.All(read, r => Assert.Equal(r.Item.Index % 7 == 3 ? 0 : r.Item.Index % 7 == 4 ? 2 : 1, r.Records.Count));
        Assert.All(
            read.Where(r => r.Item.Kind == ItemKind.Text),
            r => Assert.Equal($"Note {r.Item.Index}.", Assert.Single(r.Records).Read<MultiModal.Pipeline.Text.TextContent>()?.Text));
        Assert.Equal(2, (await runs.ReadRecordsAsync(new ItemReference(Run, 4), CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_reader_that_stops_early_leaves_nothing_under_way()
    {
        await Sketch(40).StoreAsync(runs);
        await foreach (var first in runs.ReadItemsWithRecordsAsync(Run, 40, CancellationToken.None))
        {
            Assert.Equal(0, first.Item.Index);
            break;
        }
    }

    [Fact]
    public async Task Progress_is_read_from_listings_alone()
    {
        await runs.WriteRecordAsync(new ItemReference(Run, 7), RunSketch.Done(StepNames.PrepareAudio, new { }, parts: 3), CancellationToken.None);
        await runs.WriteRecordAsync(
            new ItemReference(Run, 7, 2), RunSketch.Not(StepNames.TranscribeAudio, StepStatus.Failed, FailureCodes.EngineFault, 2),
            CancellationToken.None);
        await runs.WriteRecordAsync(
            new ItemReference(Run with { RunSeq = 2 }, 0), RunSketch.Done(StepNames.ReadText, new { }), CancellationToken.None);
        var progress = await runs.ListProgressAsync(Run, CancellationToken.None).ToListAsync();

        Assert.Equal(
            [
                new StepProgress(7, 0, StepNames.PrepareAudio, StepStatus.Succeeded, null, 3),
                new StepProgress(7, 2, StepNames.TranscribeAudio, StepStatus.Failed, FailureCodes.EngineFault, 1),
            ],
            progress);
    }

    [Fact]
    public async Task The_use_of_cache_entries_is_reported_for_one_batch_and_for_all()
    {
        var other = new RunReference(BatchName.Parse("harbour"), 4);
        await RunSketch.WriteUseAsync(runs, new ItemReference(Run, 0), "optimize-image/a");
        await runs.WriteRecordAsync(new ItemReference(Run, 1), RunSketch.Done(StepNames.ReadText, new { }), CancellationToken.None);
        await runs.WriteNodeRecordAsync(
            new SynthesisNode(Run, 0, 0), RunSketch.Done(StepNames.Synthesize, new { }) with { CacheName = "synthesize/b" }, CancellationToken.None);
        await RunSketch.WriteUseAsync(runs, new ItemReference(other, 0), "optimize-image/a");

        Assert.Equal(
            ["optimize-image/a", "synthesize/b"], await runs.ListCacheUseAsync(Run.Batch, CancellationToken.None).ToListAsync());
        Assert.Equal(
            [CacheUse.Of(other.Batch.Key, "optimize-image/a")],
            await runs.ListCacheUseByFingerprintAsync(other.Batch.Key, CancellationToken.None).ToListAsync());
        Assert.Equal(3, await runs.ListCacheUseByFingerprintAsync(batchKey: null, CancellationToken.None).CountAsync());
    }

    [Fact]
    public async Task The_records_of_the_tree_are_read_without_what_its_groups_are_made_of()
    {
        var (first, second) = (new SynthesisNode(Run, 0, 1), new SynthesisNode(Run, 1, 0));
        await runs.WriteGroupAsync(first, new Document("group"), CancellationToken.None);
        await runs.WriteNodeRecordAsync(first, RunSketch.Done(StepNames.Synthesize, new Document("first")), CancellationToken.None);
        await runs.WriteNodeRecordAsync(second, RunSketch.Done(StepNames.Synthesize, new Document("second")), CancellationToken.None);

        Assert.Equal(
            ["first", "second"], await runs.ReadNodeRecordsAsync(Run, CancellationToken.None).Select(r => r.Read<Document>()!.Text).ToListAsync());
        Assert.Equal("group", (await runs.ReadGroupAsync<Document>(first, CancellationToken.None))?.Text);
        Assert.Null(await runs.ReadGroupAsync<Document>(second, CancellationToken.None));
        await runs.DeleteNodeRecordAsync(first, CancellationToken.None);
        Assert.Null(await runs.ReadNodeRecordAsync(first, CancellationToken.None));
        Assert.Equal("second", (await runs.ReadNodeRecordAsync(second, CancellationToken.None))?.Read<Document>()?.Text);
    }

    [Fact]
    public async Task A_run_keeps_documents_of_its_own()
    {
        await runs.WriteDocumentAsync(Run, "plan", new Document("a plan"), CancellationToken.None);
        Assert.Equal("a plan", (await runs.ReadDocumentAsync<Document>(Run, "plan", CancellationToken.None))?.Text);
        Assert.Null(await runs.ReadDocumentAsync<Document>(Run with { RunSeq = 2 }, "plan", CancellationToken.None));
    }

    [Fact]
    public async Task A_cancel_is_asked_of_one_run_and_may_be_asked_twice()
    {
        await runs.RequestCancelAsync(Run, CancellationToken.None);
        await runs.RequestCancelAsync(Run, CancellationToken.None);
        Assert.True(await runs.IsCancelRequestedAsync(Run, CancellationToken.None));
        Assert.False(await runs.IsCancelRequestedAsync(Run with { RunSeq = 2 }, CancellationToken.None));
    }

    [Theory]
    [InlineData(1, "1 2 3 4")]
    [InlineData(2, "1 2 3 4")]
    [InlineData(3, "2 3 4")]
    [InlineData(4, "3 4")]
    public async Task The_state_of_the_last_two_runs_stays_when_a_run_has_ended(int ended, string kept)
    {
        await StoreRunsAsync(4);
        await runs.DeleteOlderAsync(Run with { RunSeq = ended }, CancellationToken.None);

        var left = new List<int>();
        for (var runSeq = 1; runSeq <= 4; runSeq++)
        {
            if (await runs.ReadHeaderAsync(Run with { RunSeq = runSeq }, CancellationToken.None) is not null) left.Add(runSeq);
        }

        Assert.Equal(kept, string.Join(' ', left));
        Assert.NotNull(await runs.ReadHeaderAsync(new RunReference(BatchName.Parse("harbour"), 1), CancellationToken.None));
    }

    [Fact]
    public async Task A_run_is_forgotten_alone_and_a_batch_with_all_its_runs()
    {
        await StoreRunsAsync(2);

        await runs.DeleteAsync(Run, CancellationToken.None);
        Assert.Null(await runs.ReadHeaderAsync(Run, CancellationToken.None));
        Assert.NotNull(await runs.ReadHeaderAsync(Run with { RunSeq = 2 }, CancellationToken.None));

        await runs.DeleteAllAsync(Run.Batch, CancellationToken.None);
        var left = await account.State.GetBlobsAsync(new()).Select(b => b.Name).ToListAsync();
        Assert.NotEmpty(left);
        Assert.All(left, name => Assert.StartsWith($"{BatchName.Parse("harbour").Key}/", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_is_superseded_once_its_batch_looks_otherwise()
    {
        var listing = new InboxListing(account, Options.Create(new PipelineOptions()));
        await account.Inbox.GetBlobClient("holiday/a.txt").UploadAsync(BinaryData.FromString("A note."));
        Assert.False(await runs.IsSupersededAsync(Run, listing, CancellationToken.None));

        var digest = InboxListing.Digest(await listing.ListBatchAsync(Run.Batch, CancellationToken.None));
        await runs.WriteHeaderAsync(Run, Header(digest), CancellationToken.None);
        Assert.False(await runs.IsSupersededAsync(Run, listing, CancellationToken.None));
        await account.Inbox.GetBlobClient("holiday/b.txt").UploadAsync(BinaryData.FromString("Another note."));
        Assert.True(await runs.IsSupersededAsync(Run, listing, CancellationToken.None));
    }

    [Fact]
    public async Task The_options_of_a_run_are_those_that_its_inventory_found()
    {
        await runs.WriteHeaderAsync(Run, Header("digest") with { Options = new BatchOptions { Language = "de" } }, CancellationToken.None);
        Assert.Equal("de", (await runs.ReadOptionsAsync(Run, CancellationToken.None)).Language);
    }

    /// <summary>Stores the first runs of the batch, and one of its neighbour.</summary>
    private async Task StoreRunsAsync(int count)
    {
        for (var runSeq = 1; runSeq <= count; runSeq++) await Sketch(1, runSeq).StoreAsync(runs);
        await Sketch(1, 1, "harbour").StoreAsync(runs);
    }

    private static RunSketch Sketch(int texts, int runSeq = 1, string batch = "holiday")
    {
        var run = new RunSketch(batch, runSeq);
        for (var i = 0; i < texts; i++) run.AddText($"{i}.txt", $"Note {i}.");
        return run;
    }

    private static InventoryItem Item(string name) => new RunSketch().Add(ItemKind.Text, name);

    private static InventoryHeader Header(string digest) =>
        new() { Count = 1, Digest = digest, Ignored = 0, StartedAt = RunSketch.Started, Options = BatchOptions.Default };

    private sealed record Document(string Text);
}
