using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Storage;

[Collection(SharedAzurite.Name)]
public class AzuriteTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Accounts_do_not_see_each_other()
    {
        var mine = await azurite.NewAccountAsync();
        var theirs = await azurite.NewAccountAsync();
        Assert.True(await mine.State.TryWriteJsonAsync("note.json", new Note("mine"), etag: null, CancellationToken.None));

        Assert.Null(await theirs.State.ReadJsonAsync<Note>("note.json", CancellationToken.None));
        Assert.Equal("mine", (await mine.State.ReadJsonAsync<Note>("note.json", CancellationToken.None))?.Value.Text);
    }

    [Fact]
    public async Task The_first_writer_of_a_document_decides()
    {
        var account = await azurite.NewAccountAsync();
        Assert.True(await account.State.TryWriteJsonAsync("note.json", new Note("first"), etag: null, CancellationToken.None));
        Assert.False(await account.State.TryWriteJsonAsync("note.json", new Note("second"), etag: null, CancellationToken.None));

        var read = await account.State.ReadJsonAsync<Note>("note.json", CancellationToken.None);
        Assert.Equal("first", read?.Value.Text);
        Assert.True(await account.State.TryWriteJsonAsync("note.json", new Note("third"), read!.ETag, CancellationToken.None));
        Assert.False(await account.State.TryWriteJsonAsync("note.json", new Note("fourth"), read.ETag, CancellationToken.None));
    }

    internal sealed record Note(string Text);
}
