using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Inventory;

/// <summary>Whether a batch starts after its quiet window.</summary>
[Collection(SharedAzurite.Name)]
public sealed class BatchReadinessTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly BatchName Batch = BatchName.Parse("holiday");

    private MediaAccount account = null!;
    private UploadMarks uploads = null!;
    private BatchWake wake = null!;

    public async Task InitializeAsync()
    {
        account = await azurite.NewAccountAsync();
        uploads = new UploadMarks(account, TimeProvider.System);
        wake = new BatchWake(account, new InboxListing(account, Options.Create(new PipelineOptions())), uploads, TimeProvider.System);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_batch_is_ready_when_something_was_dropped()
    {
        Assert.Equal(BatchReadiness.Empty, await ReadAsync());
        await DropAsync("a.txt");
        Assert.Equal(BatchReadiness.Ready, await ReadAsync());
    }

    [Theory]
    [InlineData("""{ "start": "manual" }""", BatchReadiness.AwaitsStart)]
    [InlineData("""{ "language": "en" }""", BatchReadiness.Ready)]
    [InlineData("not JSON", BatchReadiness.Ready)]
    public async Task A_batch_with_options_waits_for_its_files_and_then_does_what_they_say(string options, BatchReadiness expected)
    {
        await account.Inbox.GetBlobClient("holiday/batch.json").UploadAsync(BinaryData.FromString(options));
        Assert.Equal(BatchReadiness.OnlyOptions, await ReadAsync());
        await DropAsync("a.txt");
        Assert.Equal(expected, await ReadAsync());
    }

    [Fact]
    public async Task An_upload_under_way_holds_the_batch_even_before_its_first_file()
    {
        await using var mark = (await uploads.SetAsync(Batch, CancellationToken.None)).Value;
        await DropAsync("a.txt");
        Assert.Equal(BatchReadiness.AwaitsUpload, await ReadAsync());

        await mark.ClearAsync(CancellationToken.None);
        Assert.Equal(BatchReadiness.Ready, await ReadAsync());
    }

    [Fact]
    public async Task A_part_of_an_upload_is_held_after_the_upload_broke_off()
    {
        await BreakOffAsync("a.txt");
        await DropAsync("b.txt");
        Assert.Equal(BatchReadiness.AwaitsUpload, await ReadAsync());
    }

    [Fact]
    public async Task An_upload_that_broke_off_before_its_first_file_holds_nothing_up()
    {
        await BreakOffAsync();
        await DropAsync("a.txt");
        Assert.Equal(BatchReadiness.Ready, await ReadAsync());
    }

    [Fact]
    public async Task The_files_of_an_upload_that_was_completed_do_not_count_as_those_of_a_later_one()
    {
        await using (var mark = (await uploads.SetAsync(Batch, CancellationToken.None)).Value)
        {
            await DropAsync("a.txt", mark);
            await mark.ClearAsync(CancellationToken.None);
        }

        await BreakOffAsync();
        Assert.Equal(BatchReadiness.Ready, await ReadAsync());
    }

    [Fact]
    public async Task A_part_of_an_upload_stays_held_if_its_completion_broke_off_before_its_first_file()
    {
        await BreakOffAsync("a.txt");
        await BreakOffAsync();
        Assert.Equal(BatchReadiness.AwaitsUpload, await ReadAsync());
    }

    [Theory]
    [InlineData(true, BatchReadiness.Ready)]
    [InlineData(false, BatchReadiness.AwaitsUpload)]
    public async Task A_lease_counts_until_it_runs_out_unless_its_holder_has_certainly_ended(bool hasEnded, BatchReadiness expected)
    {
        // The start of a process tells it from a later one with the same id; a machine that is not this one cannot be asked.
        var here = AccountOwner.Here("upload", DateTimeOffset.UnixEpoch);
        var holder = hasEnded ? here with { ProcessStart = "another" } : here with { ProcessStart = "another", ProcessSpace = "another" };
        var mark = account.State.GetBlobClient("uploads/holiday");
        await mark.UploadAsync(
            BinaryData.FromString(holder.Instance),
            new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["owner"] = holder.ToToken() } });
        await mark.GetBlobLeaseClient().AcquireAsync(TimeSpan.FromSeconds(60));

        await DropAsync("a.txt");
        Assert.Equal(expected, await ReadAsync());
    }

    private async Task BreakOffAsync(params string[] files)
    {
        await using var mark = (await uploads.SetAsync(Batch, CancellationToken.None)).Value;
        foreach (var file in files) await DropAsync(file, mark);
    }

    private async Task DropAsync(string file, UploadMark? upload = null) => await account.Inbox.GetBlobClient($"{Batch.Value}/{file}").UploadAsync(
        BinaryData.FromString(file), new BlobUploadOptions { Metadata = upload?.FileMetadata });

    private Task<BatchReadiness> ReadAsync() => wake.ReadAsync(Batch, CancellationToken.None);
}
