using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Inventory;

/// <summary>What this process has uploaded or read itself is taken from its copy. No blob is in storage in these tests.</summary>
[Collection(SharedAzurite.Name)]
public sealed class InboxReaderTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly InventoryItem Item = new()
    {
        Index = 0, Name = "a.txt", BlobName = "batch/a.txt", ETag = "0x1", Bytes = 7, Kind = ItemKind.Text,
    };

    private readonly TemporaryFolder folder = new();
    private WorkFolder work = null!;
    private InboxReader reader = null!;

    public async Task InitializeAsync()
    {
        work = new WorkFolder(folder["work"]);
        reader = new InboxReader(await azurite.NewAccountAsync(), work, TimeProvider.System);
    }

    public Task DisposeAsync()
    {
        work.Dispose();
        folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_this_process_uploaded_is_taken_from_its_copy_once()
    {
        await CopyAsync("content");

        Assert.Null(await reader.FetchAsync(Item, folder["first"], CancellationToken.None));
        Assert.Equal("content", await File.ReadAllTextAsync(folder["first"]));
        Assert.Equal(FailureCodes.ChangedDuringRun, (await reader.FetchAsync(Item, folder["second"], CancellationToken.None))?.Code);
    }

    [Fact]
    public async Task A_copy_of_another_version_is_not_taken()
    {
        await CopyAsync("content");
        Assert.Equal(
            FailureCodes.ChangedDuringRun, (await reader.FetchAsync(Item with { ETag = "0x2" }, folder["first"], CancellationToken.None))?.Code);
    }

    [Fact]
    public async Task A_file_that_grows_while_it_is_copied_has_no_copy()
    {
        using var grown = new MemoryStream(new byte[100_000]);
        await using var copy = reader.BeginCopy(Item.BlobName, Item.Bytes)!;
        Assert.Null(await copy.FillAsync(grown, CancellationToken.None));
    }

    /// <summary>Copies a text as it is uploaded. The answer to an upload has the version in quotes, and a listing has it without.</summary>
    private async Task CopyAsync(string text)
    {
        await using var copy = reader.BeginCopy(Item.BlobName, Item.Bytes)!;
        Assert.NotNull(await copy.FillAsync(BinaryData.FromString(text).ToStream(), CancellationToken.None));
        await copy.KeepAsync($"\"{Item.ETag}\"");
    }
}
