using System.Net;
using System.Text.Json;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Testing.Images;
using NetVips;

namespace MultiModal.Web.Tests;

[Collection(SharedAzurite.Name)]
public sealed class PreviewEndpointTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const string Items = "/api/batches/b/runs/3/items";

    private ApiServer server = null!;

    public async Task InitializeAsync() => server = await ApiServer.StartAsync(await azurite.NewAccountAsync());

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task The_picture_as_it_was_sent_is_shown_of_an_image_and_of_its_duplicate()
    {
        var run = await SeededRun.BeginAsync(server, "b", (ItemKind.Image, null), (ItemKind.Image, 0));
        var picture = TestImage.Jpeg(1, 1024, 768);
        await run.SentAsync(0, 0, "optimize-image/h/f", picture, (1024, 768));

        foreach (var item in new[] { 0, 1 })
        {
            using var response = await GetAsync($"{Items}/{item}/sent");
            Assert.Equal("image/jpeg", response.Content.Headers.ContentType!.MediaType);
            Assert.Equal(picture, await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Pictures_of_pages_and_tiles_are_counted_one_after_the_other()
    {
        var run = await SeededRun.BeginAsync(server, "b", (ItemKind.Text, null));
        var pictures = Enumerable.Range(0, 5).Select(seed => TestImage.Jpeg(seed, 400, 300)).ToList();
        await run.SentAsync(0, 0, "optimize-image/h/0", pictures[4], (400, 300), pictures[0], pictures[1]);
        await run.FailedAsync(0, StepNames.OptimizeImage, 1);
        await run.SentAsync(0, 2, "optimize-image/h/2", pictures[2], (400, 300));

        for (var part = 0; part < 3; part++)
        {
            Assert.Equal(pictures[part], await (await GetAsync($"{Items}/0/sent?part={part}")).Content.ReadAsByteArrayAsync());
        }

        await ApiServer.AssertProblemAsync(await GetAsync($"{Items}/0/sent?part=3"), 404, "item-not-found");
    }

    [Fact]
    public async Task A_thumbnail_is_made_once_of_the_picture_that_was_sent()
    {
        var run = await SeededRun.BeginAsync(server, "b", (ItemKind.Image, null));
        await run.SentAsync(0, 0, "optimize-image/h/f", TestImage.Jpeg(1, 1024, 768), (1024, 768));
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => GetAsync($"{Items}/0/thumbnail")));
        var bytes = await made[0].Content.ReadAsByteArrayAsync();
        using var image = Image.NewFromBuffer(bytes);

        Assert.All(made, response => Assert.Equal((HttpStatusCode.OK, made[0].Headers.ETag), (response.StatusCode, response.Headers.ETag)));
        Assert.Equal((320, 240), (image.Width, image.Height));
        Assert.Contains(made[0].Content.Headers.ContentType!.MediaType, new[] { "image/jpeg", "image/png" });

        // It lies within the entry of its picture, with which it is deleted.
        Assert.True(await server.Account.Cache.GetBlobClient("optimize-image/h/f/image-2.thumbnail-320").ExistsAsync());
    }

    [Fact]
    public async Task The_thumbnail_of_an_image_in_tiles_shows_all_of_it()
    {
        var run = await SeededRun.BeginAsync(server, "b", (ItemKind.Image, null));
        await run.SentAsync(0, 0, "optimize-image/h/f", TestImage.Jpeg(1, 500, 1000), (700, 2000), TestImage.Jpeg(2, 700, 700), TestImage.Jpeg(3, 700, 700));
        using var image = Image.NewFromBuffer(await (await GetAsync($"{Items}/0/thumbnail")).Content.ReadAsByteArrayAsync());
        await server.Account.Cache.GetBlobClient("optimize-image/h/f/image-2").DeleteAsync();
        await server.Account.Cache.GetBlobClient("optimize-image/h/f/image-2.thumbnail-320").DeleteAsync();
        using var tile = Image.NewFromBuffer(await (await GetAsync($"{Items}/0/thumbnail")).Content.ReadAsByteArrayAsync());

        Assert.Equal((160, 320), (image.Width, image.Height));
        Assert.Equal((320, 320), (tile.Width, tile.Height));
    }

    [Fact]
    public async Task A_picture_that_is_small_is_its_own_thumbnail()
    {
        var run = await SeededRun.BeginAsync(server, "b", (ItemKind.Image, null));
        var picture = TestImage.Jpeg(1, 300, 200);
        await run.SentAsync(0, 0, "optimize-image/h/f", picture, (300, 200));

        Assert.Equal(picture, await (await GetAsync($"{Items}/0/thumbnail")).Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_picture_that_is_gone_from_the_cache_is_not_found()
    {
        var run = await SeededRun.BeginAsync(server, "b", (ItemKind.Image, null));
        await run.SentAsync(0, 0, "optimize-image/h/f", TestImage.Jpeg(1, 1024, 768), (1024, 768));
        await server.Account.Cache.GetBlobClient("optimize-image/h/f/image-2").DeleteAsync();

        await ApiServer.AssertProblemAsync(await GetAsync($"{Items}/0/sent"), 404, "item-not-found");
        await ApiServer.AssertProblemAsync(await GetAsync($"{Items}/0/thumbnail"), 404, "item-not-found");
    }

    [Fact]
    public async Task A_waveform_is_shown_where_the_preparation_made_one()
    {
        var run = await SeededRun.BeginAsync(server, "b", (ItemKind.Audio, null), (ItemKind.Audio, null), (ItemKind.Audio, 0), (ItemKind.Image, null));
        await run.PreparedAsync(0, 12.5, [0, 255, 128]);
        await run.PreparedAsync(1, 12.5, peaks: null);

        foreach (var item in new[] { 0, 2 })
        {
            var waveform = await server.GetJsonAsync($"{Items}/{item}/waveform");
            Assert.Equal(12.5, waveform.GetProperty("durationSeconds").GetDouble());
            Assert.Equal([0, 1, 0.252], waveform.GetProperty("peaks").EnumerateArray().Select(p => p.GetDouble()));
        }

        await ApiServer.AssertProblemAsync(await GetAsync($"{Items}/1/waveform"), 404, "item-not-found");
        await ApiServer.AssertProblemAsync(await GetAsync($"{Items}/3/waveform"), 404, "item-not-found");
    }

    [Theory]
    [InlineData("/api/batches/none/runs/1/items/0/sent", 404, "batch-not-found")]
    [InlineData("/api/batches/b/runs/4/items/0/sent", 404, "run-not-found")]
    [InlineData("/api/batches/b/runs/0/items/0/thumbnail", 404, "run-not-found")]
    [InlineData("/api/batches/b/runs/x/items/0/waveform", 404, "run-not-found")]
    [InlineData("/api/batches/b/runs/1/items/0/sent", 404, "item-not-found")]
    [InlineData("/api/batches/b/runs/3/items/1/sent", 404, "item-not-found")]
    [InlineData("/api/batches/b/runs/3/items/-1/sent", 404, "item-not-found")]
    [InlineData("/api/batches/b/runs/3/items/99999999999/thumbnail", 404, "item-not-found")]
    [InlineData("/api/batches/b/runs/3/items/0/sent?part=-1", 400, "invalid-query")]
    [InlineData("/api/batches/b/runs/3/items/0/sent?part=x", 400, "invalid-query")]
    [InlineData("/api/batches/a%5Cb/runs/3/items/0/sent", 400, "invalid-batch-name")]
    public async Task What_cannot_be_shown_has_its_code(string address, int status, string code)
    {
        await SeededRun.BeginAsync(server, "b", (ItemKind.Image, null));

        await ApiServer.AssertProblemAsync(await GetAsync(address), status, code);
    }

    private Task<HttpResponseMessage> GetAsync(string address) => server.Client.GetAsync(new Uri(address, UriKind.Relative));
}
