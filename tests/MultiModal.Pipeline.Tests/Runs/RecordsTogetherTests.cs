using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Tests.Reports;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Tests.Runs;

/// <summary>Records as a local host keeps them: written together, by the process that carries the run out.</summary>
[Collection(SharedAzurite.Name)]
public sealed class RecordsTogetherTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const int Texts = 120;

    private static readonly RunReference Run = new(BatchName.Parse("holiday"), 1);

    private MediaAccount account = null!;
    private RunStore runs = null!;

    public async Task InitializeAsync()
    {
        account = await azurite.NewAccountAsync();
        runs = Together();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Records_are_known_at_once_where_they_were_made_and_elsewhere_once_they_are_written()
    {
        await Sketch(3).StoreAsync(runs);
        Assert.Equal("Note 2.", await TextAsync(runs, 2));
        Assert.Equal("none", await TextAsync(Together(), 2));
        await runs.WriteAllRecordsAsync(Run, CancellationToken.None);
        Assert.Equal("Note 2.", await TextAsync(Together(), 2));
        Assert.Equal("Note 2.", await TextAsync(new RunStore(account), 2));
    }

    [Fact]
    public async Task The_records_of_a_slice_are_written_in_one_blob_and_read_in_one()
    {
        await Sketch(Texts).StoreAsync(runs);
        for (var slice = 0; slice < SliceReference.CountFor(Texts); slice++)
        {
            await runs.EndSliceAsync(new SliceReference(Run, slice), CancellationToken.None);
        }

        await runs.WriteAllRecordsAsync(Run, CancellationToken.None);
        Assert.Equal(SliceReference.CountFor(Texts), (await BlobsAsync("/records/")).Count);
        Assert.Empty(await BlobsAsync("/items/"));
        foreach (var store in new[] { Together(), new RunStore(account) })
        {
            var read = await store.ReadItemsWithRecordsAsync(Run, Texts, CancellationToken.None).ToListAsync();
            Assert.Equal(
                Enumerable.Range(0, Texts).Select(i => $"Note {i}."), read.Select(r => Assert.Single(r.Records).Read<TextContent>()!.Text));
            Assert.Equal("Note 70.", Assert.Single(await store.ReadRecordsAsync(new ItemReference(Run, 70), CancellationToken.None)).Read<TextContent>()!.Text);
        }
    }

    [Fact]
    public async Task A_run_that_another_process_goes_on_with_has_the_records_of_both()
    {
        await Sketch(3).StoreAsync(runs);
        await runs.LeaveAsync(Run);
        var second = Together();
        await WriteAsync(second, 7, "more");
        await second.LeaveAsync(Run);
        Assert.Equal(
            ["Note 1.", "Note 2.", "more"],
            [await TextAsync(Together(), 1), await TextAsync(Together(), 2), await TextAsync(Together(), 7)]);
    }

    [Fact]
    public async Task A_success_is_not_replaced_by_a_later_failure()
    {
        await WriteAsync(runs, 0, "done");
        await runs.WriteRecordAsync(
            new ItemReference(Run, 0), RunSketch.Not(StepNames.ReadText, StepStatus.Failed, FailureCodes.StepTimedOut), CancellationToken.None);
        await runs.LeaveAsync(Run);
        Assert.Equal("done", await TextAsync(runs, 0));
        Assert.Equal("done", await TextAsync(Together(), 0));
    }

    [Fact]
    public async Task A_failure_is_replaced_by_what_comes_later()
    {
        await runs.WriteRecordAsync(
            new ItemReference(Run, 0), RunSketch.Not(StepNames.ReadText, StepStatus.Failed, FailureCodes.StepTimedOut), CancellationToken.None);
        await runs.WriteAllRecordsAsync(Run, CancellationToken.None);
        await WriteAsync(runs, 0, "done");
        await runs.LeaveAsync(Run);
        Assert.Equal("done", await TextAsync(Together(), 0));
    }

    [Fact]
    public async Task Records_that_are_stored_one_by_one_count_too()
    {
        await Sketch(60).StoreAsync(new RunStore(account));
        await WriteAsync(runs, 60, "new");
        await runs.EndSliceAsync(new SliceReference(Run, 0), CancellationToken.None);
        await runs.LeaveAsync(Run);
        foreach (var store in new[] { runs, Together(), new RunStore(account) })
        {
            Assert.Equal(["Note 0.", "Note 59.", "new"], [await TextAsync(store, 0), await TextAsync(store, 59), await TextAsync(store, 60)]);
            Assert.Equal(61, await store.ListProgressAsync(Run, CancellationToken.None).CountAsync());
        }
    }

    [Fact]
    public async Task Progress_is_seen_by_another_process_as_it_is_written()
    {
        var watching = Together();
        await WriteAsync(runs, 0, "a");
        Assert.Equal(1, await runs.ListProgressAsync(Run, CancellationToken.None).CountAsync());
        Assert.Equal(0, await watching.ListProgressAsync(Run, CancellationToken.None).CountAsync());
        await runs.WriteAllRecordsAsync(Run, CancellationToken.None);
        Assert.Equal(
            [new StepProgress(0, 0, StepNames.ReadText, StepStatus.Succeeded, null, 1)],
            await watching.ListProgressAsync(Run, CancellationToken.None).ToListAsync());
        await WriteAsync(runs, 1, "b");
        await runs.WriteAllRecordsAsync(Run, CancellationToken.None);
        Assert.Equal(2, await watching.ListProgressAsync(Run, CancellationToken.None).CountAsync());
    }

    [Fact]
    public async Task Records_that_leave_the_memory_are_read_again()
    {
        const int large = 48;
        var text = new string('x', 1 << 20);
        for (var item = 0; item < large; item++) await WriteAsync(runs, item * 2, $"{item} {text}");
        await runs.WriteAllRecordsAsync(Run, CancellationToken.None);
        for (var item = 0; item < large; item++) Assert.Equal($"{item} {text}", await TextAsync(runs, item * 2));
    }

    [Fact]
    public async Task The_use_of_cache_entries_is_known_by_name_for_one_batch_and_by_fingerprint_for_all()
    {
        await RunSketch.WriteUseAsync(runs, new ItemReference(Run, 0), "optimize-image/a");
        await runs.WriteNodeRecordAsync(
            new SynthesisNode(Run, 0, 0), RunSketch.Done(StepNames.Synthesize, new { }) with { CacheName = "synthesize/b" }, CancellationToken.None);
        await runs.LeaveAsync(Run);

        var names = await Together().ListCacheUseAsync(Run.Batch, CancellationToken.None).ToListAsync();
        Assert.Equal(["optimize-image/a", "synthesize/b"], names);
        var all = await Together().ListCacheUseByFingerprintAsync(batchKey: null, CancellationToken.None).ToListAsync();
        Assert.Equal(names.Select(name => CacheUse.Of(Run.Batch.Key, name)), all);
    }

    [Fact]
    public async Task A_deleted_batch_of_the_same_name_leaves_no_record()
    {
        await WriteAsync(runs, 0, "old");
        await runs.DeleteAllAsync(Run.Batch, CancellationToken.None);
        Assert.Equal("none", await TextAsync(runs, 0));
    }

    private RunStore Together() => new(account, keeping: new RecordKeeping(Together: true));

    /// <returns>The text in the record of an item; "none" if there is no record.</returns>
    private static async Task<string> TextAsync(RunStore store, int item) =>
        (await store.ReadRecordAsync(new ItemReference(Run, item), StepNames.ReadText, CancellationToken.None))?.Read<TextContent>()?.Text ?? "none";

    private static Task WriteAsync(RunStore store, int item, string text) => store.WriteRecordAsync(
        new ItemReference(Run, item), RunSketch.Done(StepNames.ReadText, new TextContent(text, "utf-8", null)), CancellationToken.None);

    private async Task<List<string>> BlobsAsync(string part) =>
        await account.State.GetBlobsAsync(new()).Select(b => b.Name).Where(n => n.Contains(part, StringComparison.Ordinal)).ToListAsync();

    private static RunSketch Sketch(int texts)
    {
        var run = new RunSketch();
        for (var i = 0; i < texts; i++) run.AddText($"{i}.txt", $"Note {i}.");
        return run;
    }
}
