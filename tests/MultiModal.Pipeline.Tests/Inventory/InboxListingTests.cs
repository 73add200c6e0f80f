using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Inventory;

[Collection(SharedAzurite.Name)]
public sealed class InboxListingTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData("1", 1, "1/a.txt", "1/deep/b.txt")]
    [InlineData("alone.txt", 1, "alone.txt")]
    [InlineData("both", 1, "both", "both/a.txt")]
    [InlineData("2026/may", 2, "2026/may/a.txt")]
    [InlineData("2026", 2, "2026/a.txt")]
    public async Task A_batch_is_listed_with_all_its_blobs_and_no_others(string batch, int depth, params string[] expected)
    {
        var account = await NewInboxAsync();
        var listing = Listing(account, depth);
        Assert.Equal(expected, (await listing.ListBatchAsync(BatchName.Parse(batch), CancellationToken.None)).Select(b => b.Name));
        Assert.True(await listing.HasBatchAsync(BatchName.Parse(batch), CancellationToken.None));
        Assert.False(await listing.HasBatchAsync(BatchName.Parse(batch[..^1] + "?"), CancellationToken.None));
    }

    [Fact]
    public async Task Batches_whose_names_only_begin_alike_are_not_listed_with_a_batch()
    {
        var storage = azurite.NewConnectionString();
        var direct = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        await FillAsync(direct);
        for (var i = 0; i < 100; i++) await direct.Inbox.GetBlobClient($"1-more/{i}.txt").UploadAsync(BinaryData.FromString("more"));
        await using var proxy = await StorageProxy.StartAsync(storage);
        var listings = new ConcurrentBag<string>();
        proxy.Plan = new StorageFaultPlan(1, 0, StorageFaultKind.Busy) { Only = request => Seen(listings, request) };
        var listing = Listing(MediaAccount.Open(new StorageOptions { ConnectionString = proxy.ConnectionString }), depth: 1);
        await listing.ListBatchAsync(BatchName.Parse("1"), CancellationToken.None);

        // The beginning of what begins alike, and then the whole of a folder.
        Assert.Equal(2, listings.Count);
        Assert.Single(listings, l => l.EndsWith("prefix=1&maxresults=100", StringComparison.Ordinal));
        Assert.Single(listings, l => l.Contains("prefix=1/", StringComparison.Ordinal));

        listings.Clear();
        await listing.ListBatchAsync(BatchName.Parse("alone.txt"), CancellationToken.None);
        Assert.Single(listings);
    }

    private static bool Seen(ConcurrentBag<string> listings, ProxiedRequest request)
    {
        if (request.Touches("comp=list")) listings.Add(Uri.UnescapeDataString(request.Target));
        return false;
    }

    private async Task<MediaAccount> NewInboxAsync()
    {
        var account = MediaAccount.Open(new StorageOptions { ConnectionString = azurite.NewConnectionString() });
        await FillAsync(account);
        return account;
    }

    private static async Task FillAsync(MediaAccount account)
    {
        await account.CreateContainersAsync(CancellationToken.None);
        string[] names =
        [
            "1/a.txt", "1/deep/b.txt", "10/a.txt", "1-other/a.txt", "1.txt", "alone.txt", "alone.txt.bak", "both", "both/a.txt", "bothered/a.txt",
            "2026/may/a.txt", "2026/a.txt", "2026/mayor/a.txt",
        ];
        foreach (var name in names) await account.Inbox.GetBlobClient(name).UploadAsync(BinaryData.FromString(name));
    }

    private static InboxListing Listing(MediaAccount account, int depth) => new(account, Options.Create(new PipelineOptions { BatchDepth = depth }));
}
