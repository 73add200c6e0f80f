using Azure;
using Microsoft.Extensions.Logging.Abstractions;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Caching;

[Collection(SharedAzurite.Name)]
public class ContentCacheTests(AzuriteFixture azurite)
{
    private static readonly BatchName Batch = BatchName.Parse("holiday");
    private static readonly CacheKey Key = CacheKey.Create("optimize-image", ContentHash.Compute("bytes"u8), 1);
    private static readonly BatchName Harbour = BatchName.Parse("harbour");
    private static readonly BatchName Market = BatchName.Parse("market");
    private static readonly CachedAnswer<string> Answer = new("made", "engine", Usage.None, null, DateTimeOffset.UnixEpoch);
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
    public async Task The_sole_owner_reads_no_answer_again_that_it_stored_for_a_batch_until_the_batch_is_deleted()
    {
        var account = await azurite.NewAccountAsync();
        var (shared, owner) = (new ContentCache(account), await SoleOwnerAsync(account));
        await owner.StoreAsync(Key, Harbour, Answer, CancellationToken.None);
        await account.Cache.DeleteBlobAsync(Key.Name);
        Assert.Equal(Answer, await owner.UseAsync<string>(Key, Harbour, CancellationToken.None));
        Assert.Null(await owner.UseAsync<string>(Key, Market, CancellationToken.None));
        Assert.Null(await shared.UseAsync<string>(Key, Harbour, CancellationToken.None));

        owner.ForgetBatch(Harbour);
        Assert.Null(await owner.UseAsync<string>(Key, Harbour, CancellationToken.None));
    }

    [Fact]
    public async Task An_entry_that_is_forgotten_because_its_files_are_missing_is_not_kept_in_memory_either()
    {
        var account = await azurite.NewAccountAsync();
        var owner = await SoleOwnerAsync(account);
        await owner.StoreAsync(Key, Harbour, Answer, CancellationToken.None);
        await owner.ForgetAsync(Key.Name, CancellationToken.None);
        Assert.Null(await owner.UseAsync<string>(Key, Harbour, CancellationToken.None));
    }

    [Fact]
    public async Task The_sole_owner_reads_no_answer_again_that_it_found_and_keeps_the_one_that_was_stored_first()
    {
        var account = await azurite.NewAccountAsync();
        var (shared, owner) = (new ContentCache(account), await SoleOwnerAsync(account));
        await shared.StoreAsync(Key, Harbour, Answer, CancellationToken.None);
        Assert.Equal(Answer, await owner.UseAsync<string>(Key, Market, CancellationToken.None));
        await owner.StoreAsync(Key, Harbour, Answer with { Value = "made too late" }, CancellationToken.None);

        await account.Cache.DeleteBlobAsync(Key.Name);
        Assert.Equal(Answer, await owner.UseAsync<string>(Key, Market, CancellationToken.None));
        Assert.Equal(Answer, await owner.UseAsync<string>(Key, Harbour, CancellationToken.None));
    }

    [Fact]
    public async Task One_of_several_keys_with_an_answer_is_enough()
    {
        var cache = new ContentCache(await azurite.NewAccountAsync());
        var unknown = Key.Under("part");
        Assert.Equal($"{Key.Name}/part", unknown.Name);
        Assert.False(await cache.HasAnyAsync<string>([], CancellationToken.None));
        Assert.False(await cache.HasAnyAsync<string>([unknown, Key], CancellationToken.None));
        await cache.StoreAsync(Key, Batch, Answer, CancellationToken.None);
        Assert.True(await cache.HasAnyAsync<string>([unknown, Key], CancellationToken.None));
    }

    [Theory]
    [InlineData(2 << 20, true)]
    [InlineData((2 << 20) + 1, false)]
    public async Task A_file_that_was_stored_just_now_is_not_fetched_once_unless_it_is_large(int bytes, bool isKept)
    {
        var account = await azurite.NewAccountAsync();
        var cache = new ContentCache(account);
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "fetched");
        foreach (var name in new[] { File, File + "2" })
        {
            await cache.StoreFileAsync(name, new MemoryStream(new byte[bytes]), "image/jpeg", CancellationToken.None);
            await account.Cache.DeleteBlobAsync(name);
        }

        Assert.Equal(isKept ? bytes : null, (await cache.FindFileAsync(File, CancellationToken.None))?.ToMemory().Length);
        Assert.Equal(isKept, await cache.FetchFileAsync(File + "2", path, CancellationToken.None));
        Assert.Equal(isKept ? bytes : 0, new FileInfo(path) is { Exists: true } fetched ? fetched.Length : 0);
        Assert.Null(await cache.FindFileAsync(File, CancellationToken.None));
        Assert.False(await cache.FetchFileAsync(File + "2", path, CancellationToken.None));
    }

    [Fact]
    public void An_entry_that_does_not_exist_has_no_user()
    {
        Assert.Empty(EntryUsers.None.Keys);
        Assert.True(EntryUsers.None.AreAll);
    }

    private static async Task<ContentCache> SoleOwnerAsync(MediaAccount account)
    {
        var here = AccountOwner.Here("local", TimeProvider.System.GetUtcNow());
        var lease = await OwnerLease.AcquireAsync(
            account, here, shared: false, TimeSpan.Zero, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var ownership = new SoleOwnership(TimeProvider.System);
        ownership.Note(lease.Value);
        return new ContentCache(account, ownership);
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
        await cache.StoreAsync(Key, Batch, Answer, CancellationToken.None);
        await cache.ForgetAsync(Key.Name, CancellationToken.None);
        Assert.Null(await cache.FindAsync<string>(Key, CancellationToken.None));
        await cache.ForgetAsync(Key.Name, CancellationToken.None);
    }

    [Fact]
    public async Task An_entry_names_each_batch_that_uses_it_once()
    {
        var account = await azurite.NewAccountAsync();
        var cache = new ContentCache(account);
        await cache.StoreAsync(Key, Batch, Answer, CancellationToken.None);
        await cache.FindAsync<string>(Key, CancellationToken.None);
        foreach (var batch in new[] { Batch, Harbour, Harbour })
        {
            Assert.Equal(Answer, await cache.UseAsync<string>(Key, batch, CancellationToken.None));
        }

        await cache.StoreAsync(Key, Market, Answer, CancellationToken.None);

        var users = await UsersAsync(account);
        Assert.Equal([Batch.Key, Harbour.Key, Market.Key], users.Keys);
        Assert.True(users.AreAll);
    }

    [Fact]
    public async Task Batches_that_use_an_entry_at_the_same_moment_are_all_named()
    {
        var account = await azurite.NewAccountAsync();
        var cache = new ContentCache(account);
        await cache.StoreAsync(Key, Batch, Answer, CancellationToken.None);
        var others = Enumerable.Range(0, 8).Select(number => BatchName.Parse($"batch {number}")).ToList();
        await Task.WhenAll(others.Select(batch => cache.UseAsync<string>(Key, batch, CancellationToken.None)));
        Assert.Equal(others.Append(Batch).Select(batch => batch.Key).Order(), (await UsersAsync(account)).Keys.Order());
    }

    [Fact]
    public async Task An_entry_of_very_many_batches_names_fifty_and_says_that_there_are_more()
    {
        var account = await azurite.NewAccountAsync();
        var cache = new ContentCache(account);
        await cache.StoreAsync(Key, Batch, Answer, CancellationToken.None);
        for (var number = 1; number < 53; number++) await cache.UseAsync<string>(
            Key, BatchName.Parse($"{new string('x', 30)} {number}"), CancellationToken.None);

        var users = await UsersAsync(account);
        Assert.Equal(50, users.Keys.Count);
        Assert.False(users.AreAll);
    }

    [Fact]
    public async Task An_entry_of_version_1_0_names_no_batch_even_if_one_uses_it_now()
    {
        var account = await azurite.NewAccountAsync();
        var cache = new ContentCache(account);
        await cache.StoreAgainAsync(Key, Answer, CancellationToken.None);
        Assert.Equal(Answer, await cache.UseAsync<string>(Key, Batch, CancellationToken.None));

        var users = await UsersAsync(account);
        Assert.Empty(users.Keys);
        Assert.False(users.AreAll);
    }

    [Fact]
    public async Task An_entry_that_is_deleted_while_a_batch_is_noted_has_given_its_answer()
    {
        var storage = azurite.NewConnectionString();
        await using var proxy = await StorageProxy.StartAsync(storage);
        var account = MediaAccount.Open(new StorageOptions { ConnectionString = proxy.ConnectionString });
        await account.CreateContainersAsync(CancellationToken.None);
        var cache = new ContentCache(account);
        await cache.StoreAsync(Key, Batch, Answer, CancellationToken.None);
        var noting = proxy.Hold(request => request.Touches("comp=metadata"), afterwards: false);

        var asking = cache.UseAsync<string>(Key, Harbour, CancellationToken.None);
        Assert.Same(noting.Reached, await Task.WhenAny(asking, noting.Reached));
        await cache.ForgetAsync(Key.Name, CancellationToken.None);
        noting.Release();
        Assert.Equal(Answer, await asking);
    }

    private static async Task<EntryUsers> UsersAsync(MediaAccount account) =>
        EntryUsers.Of((await account.Cache.GetBlobClient(Key.Name).GetPropertiesAsync()).Value.Metadata);
}
