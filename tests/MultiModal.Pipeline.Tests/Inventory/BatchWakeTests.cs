using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Inventory;

/// <summary>
/// The listing by which a batch starts is handed over to its run. A file that arrives between the two without an event shows which listing it is.
/// </summary>
[Collection(SharedAzurite.Name)]
public sealed class BatchWakeTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly BatchName Batch = BatchName.Parse("batch");

    private readonly FakeTimeProvider time = new();
    private MediaAccount account = null!;

    public async Task InitializeAsync()
    {
        account = await azurite.NewAccountAsync();
        await DropAsync("first.txt");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task The_owner_hands_a_listing_over_once()
    {
        var wake = await ReadyAsync(await OwnershipAsync());
        Assert.Equal(1, await CountAsync(wake));
        Assert.Equal(2, await CountAsync(wake));
    }

    [Fact]
    public async Task A_listing_that_is_older_than_an_event_is_not_handed_over()
    {
        var wake = await ReadyAsync(await OwnershipAsync());
        wake.ForgetLook(Batch);
        Assert.Equal(2, await CountAsync(wake));
    }

    [Fact]
    public async Task A_listing_of_a_second_ago_is_not_handed_over()
    {
        var wake = await ReadyAsync(await OwnershipAsync());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, await CountAsync(wake));
    }

    [Fact]
    public async Task Who_shares_the_account_lists_again()
    {
        var wake = await ReadyAsync(new SoleOwnership(time));
        Assert.Equal(2, await CountAsync(wake));
    }

    /// <summary>A batch that was found ready, and in which another file has arrived since.</summary>
    private async Task<BatchWake> ReadyAsync(SoleOwnership ownership)
    {
        var listing = new InboxListing(account, Options.Create(new PipelineOptions()));
        var wake = new BatchWake(account, listing, new UploadMarks(account, time), time, ownership);
        Assert.Equal(BatchReadiness.Ready, await wake.ReadAsync(Batch, CancellationToken.None));
        await DropAsync("second.txt");
        return wake;
    }

    private async Task<SoleOwnership> OwnershipAsync()
    {
        var lease = await OwnerLease.AcquireAsync(
            account, AccountOwner.Here("local", time.GetUtcNow()), shared: false, TimeSpan.Zero, time, NullLogger.Instance, CancellationToken.None);
        var ownership = new SoleOwnership(time);
        ownership.Note(lease.Value);
        return ownership;
    }

    private static async Task<int> CountAsync(BatchWake wake) => (await wake.TakeLookAsync(Batch, CancellationToken.None)).Blobs.Count;

    private async Task DropAsync(string name) => await account.Inbox.GetBlobClient($"{Batch}/{name}").UploadAsync(BinaryData.FromString("A note."));
}
