using Azure;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Caching;

[Collection(SharedAzurite.Name)]
public class ContentCacheTests(AzuriteFixture azurite)
{
    private static readonly CacheKey Key = CacheKey.Create("optimize-image", ContentHash.Compute("bytes"u8), 1);
    private static readonly string File = ContentCache.FileName(Key, "image");

    [Fact]
    public async Task A_file_of_an_entry_is_there_once_it_is_stored()
    {
        var account = await azurite.NewAccountAsync();
        var cache = new ContentCache(account);
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "fetched");
        await cache.StoreFileAsync(File, new MemoryStream([1, 2, 3]), "image/jpeg", CancellationToken.None);

        Assert.StartsWith($"{Key.Name}/", File, StringComparison.Ordinal);
        Assert.True(await cache.HasFileAsync(File, CancellationToken.None));
        Assert.Equal([1, 2, 3], (await cache.FindFileAsync(File, CancellationToken.None))!.ToArray());
        Assert.True(await cache.FetchFileAsync(File, path, CancellationToken.None));
        Assert.Equal([1, 2, 3], await System.IO.File.ReadAllBytesAsync(path));
        Assert.Equal("image/jpeg", (await account.Cache.GetBlobClient(File).GetPropertiesAsync()).Value.ContentType);
    }

    [Fact]
    public async Task A_file_that_is_missing_is_no_fault()
    {
        var cache = new ContentCache(await azurite.NewAccountAsync());
        using var folder = new TemporaryFolder();
        Assert.False(await cache.HasFileAsync(File, CancellationToken.None));
        Assert.Null(await cache.FindFileAsync(File, CancellationToken.None));
        Assert.False(await cache.FetchFileAsync(File, Path.Combine(folder.Path, "fetched"), CancellationToken.None));
    }

    [Fact]
    public async Task A_file_that_storage_does_not_give_now_is_not_missing()
    {
        var storage = azurite.NewConnectionString();
        await MediaAccount.Open(new StorageOptions { ConnectionString = storage }).CreateContainersAsync(CancellationToken.None);
        await using var proxy = await StorageProxy.StartAsync(storage);
        proxy.Plan = new StorageFaultPlan(1, 1, StorageFaultKind.Busy);
        var cache = new ContentCache(MediaAccount.Open(new StorageOptions { ConnectionString = proxy.ConnectionString }, maxRetries: 0));
        using var folder = new TemporaryFolder();
        await Assert.ThrowsAsync<RequestFailedException>(() => cache.FindFileAsync(File, CancellationToken.None));
        await Assert.ThrowsAsync<RequestFailedException>(
            () => cache.FetchFileAsync(File, Path.Combine(folder.Path, "fetched"), CancellationToken.None));
    }

    [Fact]
    public async Task An_entry_that_is_forgotten_is_asked_for_again()
    {
        var cache = new ContentCache(await azurite.NewAccountAsync());
        await cache.StoreAsync(
            Key, new CachedAnswer<string>("made", "engine", Usage.None, null, DateTimeOffset.UnixEpoch), CancellationToken.None);
        await cache.ForgetAsync(Key.Name, CancellationToken.None);
        Assert.Null(await cache.FindAsync<string>(Key, CancellationToken.None));
        await cache.ForgetAsync(Key.Name, CancellationToken.None);
    }
}
