using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Batches;

[Collection(SharedAzurite.Name)]
public sealed class UploadMarksTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly BatchName Batch = BatchName.Parse("holiday");

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private MediaAccount account = null!;
    private UploadMarks uploads = null!;
    private BlobClient blob = null!;

    public async Task InitializeAsync()
    {
        account = await azurite.NewAccountAsync();
        uploads = new UploadMarks(account, time);
        blob = account.State.GetBlobClient("uploads/holiday");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_second_upload_is_refused_with_the_process_of_the_first()
    {
        await using var first = await SetAsync();

        var failure = (await uploads.SetAsync(Batch, CancellationToken.None)).Failure!;

        Assert.Equal((FailureCodes.UploadUnderWay, true), (failure.Code, failure.Retryable));
        Assert.Equal(
            $"Another upload into the batch holiday is under way (process {Environment.ProcessId} on {Environment.MachineName}, since 2026-03-01 "
                + "12:00:00Z). Wait until it has ended, or upload into another batch.",
            failure.Message);
        Assert.True((await uploads.FindAsync(Batch, CancellationToken.None))!.IsUnderWay);
        await using var elsewhere = (await uploads.SetAsync(BatchName.Parse("harbour"), CancellationToken.None)).Value;
    }

    [Fact]
    public async Task An_upload_by_a_process_that_has_not_given_its_name_is_refused_without_one()
    {
        await blob.UploadAsync(BinaryData.Empty);
        await blob.GetBlobLeaseClient().AcquireAsync(TimeSpan.FromSeconds(60));

        Assert.StartsWith(
            "Another upload into the batch holiday is under way. ", (await uploads.SetAsync(Batch, CancellationToken.None)).Failure?.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mark_of_a_process_that_has_ended_is_taken_before_its_lease_runs_out()
    {
        var holder = AccountOwner.Here("upload", time.GetUtcNow()) with { ProcessStart = "another" };
        await blob.UploadAsync(
            BinaryData.FromString("the upload"),
            new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["owner"] = holder.ToToken() } });
        await blob.GetBlobLeaseClient().AcquireAsync(TimeSpan.FromSeconds(60));

        await using var mark = await SetAsync();

        Assert.Equal(new MarkedUpload("the upload", IsUnderWay: true), await uploads.FindAsync(Batch, CancellationToken.None));
        Assert.Equal("the upload", Assert.Single(mark.FileMetadata).Value);
    }

    [Fact]
    public async Task The_mark_of_an_upload_that_broke_off_passes_to_the_next_one_which_clears_it()
    {
        var broken = await SetAsync();
        await broken.DisposeAsync();
        await broken.DisposeAsync();
        Assert.False((await uploads.FindAsync(Batch, CancellationToken.None))!.IsUnderWay);

        await using var next = await SetAsync();
        Assert.Equal(broken.FileMetadata, next.FileMetadata);
        await next.ClearAsync(CancellationToken.None);

        Assert.Null(await uploads.FindAsync(Batch, CancellationToken.None));
        await using var another = await SetAsync();
        Assert.NotEqual(broken.FileMetadata, another.FileMetadata);
    }

    [Fact]
    public async Task A_user_clears_the_mark_of_an_upload_under_way_and_the_upload_ends_as_usual()
    {
        await using var mark = await SetAsync();

        await uploads.ClearAsync(Batch, CancellationToken.None);
        Assert.Null(await uploads.FindAsync(Batch, CancellationToken.None));

        await uploads.ClearAsync(Batch, CancellationToken.None);
        await mark.ClearAsync(CancellationToken.None);
    }

    [Fact]
    public async Task An_upload_whose_mark_a_user_has_cleared_may_break_off()
    {
        var mark = await SetAsync();
        await uploads.ClearAsync(Batch, CancellationToken.None);

        await mark.DisposeAsync();

        Assert.Null(await uploads.FindAsync(Batch, CancellationToken.None));
    }

    [Fact]
    public async Task An_upload_does_not_clear_a_mark_that_another_one_has_taken_over()
    {
        await using var earlier = await SetAsync();
        await uploads.ClearAsync(Batch, CancellationToken.None);
        await using var later = await SetAsync();

        await earlier.ClearAsync(CancellationToken.None);
        Assert.NotNull(await uploads.FindAsync(Batch, CancellationToken.None));

        await later.ClearAsync(CancellationToken.None);
        Assert.Null(await uploads.FindAsync(Batch, CancellationToken.None));
    }

    private async Task<UploadMark> SetAsync() => (await uploads.SetAsync(Batch, CancellationToken.None)).Value;
}
