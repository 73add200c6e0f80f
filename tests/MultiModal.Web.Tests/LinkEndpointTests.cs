using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Testing.Images;

namespace MultiModal.Web.Tests;

[Collection(SharedAzurite.Name)]
public sealed class LinkEndpointTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private ApiServer server = null!;

    private HttpClient Client => server.Client;

    public async Task InitializeAsync() => server = await ApiServer.StartAsync(await azurite.NewAccountAsync());

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task A_link_reads_its_file_and_a_part_of_it()
    {
        await DropAsync("b/folder/a b.txt", "The whole file.");
        var link = await IssueAsync(new { file = "folder/a b.txt" });
        using var whole = await Client.GetAsync(Address(link));
        using var request = new HttpRequestMessage(HttpMethod.Get, UrlOf(link)) { Headers = { Range = new RangeHeaderValue(4, 8) } };
        using var part = await Client.SendAsync(request);
        using var head = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, UrlOf(link)));

        Assert.Equal("The whole file.", await whole.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.PartialContent, "whole"), (part.StatusCode, await part.Content.ReadAsStringAsync()));
        Assert.Equal((HttpStatusCode.OK, 15L), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Equal(server.Time.GetUtcNow().AddMinutes(15), link.GetProperty("expiresAt").GetDateTimeOffset(), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_link_to_the_picture_of_a_report_reads_it_and_nothing_else_of_the_results()
    {
        await server.KnowsAsync(new BatchState { Batch = BatchName.Parse("b"), RunSeq = 2, LastStatus = RunStatus.Succeeded });
        await server.Account.Results.GetBlobClient("b/runs/1/illustration.png").UploadAsync(new BinaryData(Png.Grey(8, 8)));
        var links = await IssueAllAsync(
            server, new { run = 1, view = "illustration" }, new { run = 2, view = "illustration" }, new { run = 3, view = "illustration" });
        using var picture = await Client.GetAsync(Address(links[0]));

        Assert.Equal((HttpStatusCode.OK, "image/png"), (picture.StatusCode, picture.Content.Headers.ContentType?.MediaType));
        Assert.Equal(Png.Grey(8, 8), await picture.Content.ReadAsByteArrayAsync());
        Assert.Equal("item-not-found", links[1].GetProperty("problem").GetProperty("code").GetString());
        Assert.Equal("run-not-found", links[2].GetProperty("problem").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_link_says_nothing_to_others()
    {
        await DropAsync("b/a.txt", "x");
        var link = await IssueAsync(new { file = "a.txt" });
        using var response = await Client.GetAsync(Address(link));

        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.True(response.Headers.CacheControl!.Private);
        Assert.InRange(response.Headers.CacheControl.MaxAge!.Value.TotalSeconds, 890, 900);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("same-origin", response.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
    }

    [Fact]
    public async Task A_link_ends_after_a_quarter_of_an_hour()
    {
        await DropAsync("b/a.txt", "x");
        var link = await IssueAsync(new { file = "a.txt" });
        server.Time.Advance(TimeSpan.FromMinutes(14) + TimeSpan.FromSeconds(58));
        using var inTime = await Client.GetAsync(Address(link));
        server.Time.Advance(TimeSpan.FromSeconds(2));
        using var late = await Client.GetAsync(Address(link));

        Assert.Equal(HttpStatusCode.OK, inTime.StatusCode);
        await ApiServer.AssertProblemAsync(late, 401, "link-expired");
        Assert.True(late.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task A_link_that_was_altered_is_none()
    {
        await DropAsync("b/a.txt", "x");
        await DropAsync("b/b.txt", "secret");
        var url = UrlOf(await IssueAsync(new { file = "a.txt" }));
        var other = UrlOf(await IssueAsync(new { file = "b.txt" }));
        var (ticket, signature) = Split(url);
        var written = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(ticket));
        string Forged(string from, string to)
        {
            Assert.Contains(from, written, StringComparison.Ordinal);
            return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(written.Replace(from, to, StringComparison.Ordinal)));
        }

        var expires = JsonDocument.Parse(written).RootElement.GetProperty("e").GetRawText();
        var forgeries = new[]
        {
            $"/media/{Forged("b/a.txt", "b/b.txt")}?signature={signature}",
            $"/media/{Forged("inbox", "cache")}?signature={signature}",
            $"/media/{Forged(expires, "99999999999")}?signature={signature}",
            $"/media/{Split(other).Ticket}?signature={signature}",
            $"/media/{ticket}?signature={Split(other).Signature}",
            $"/media/{ticket}?signature={signature[..^1]}{(signature[^1] == 'A' ? 'B' : 'A')}",
            $"/media/{ticket}?signature={signature[..^4]}",
            $"/media/{ticket}?signature=",
            $"/media/{ticket}",
            $"/media/{ticket}?signature=%00%ff",
            $"/media/{ticket}?signature={new string('A', 20_000)}"[..4000],
            "/media/nonsense?signature=nonsense",
            $"/media/..%2Fa?signature={signature}",
        };

        foreach (var forgery in forgeries)
        {
            using var response = await Client.GetAsync(new Uri(forgery, UriKind.Relative));
            var detail = await ApiServer.AssertProblemAsync(response, 401, "link-invalid");
            Assert.DoesNotContain(signature, detail, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task A_link_only_reads(string method)
    {
        await DropAsync("b/a.txt", "x");
        var link = await IssueAsync(new { file = "a.txt" });
        using var response = await Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), UrlOf(link)));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.True(await server.Account.Inbox.GetBlobClient("b/a.txt").ExistsAsync());
    }

    [Fact]
    public async Task A_link_names_a_version_and_ends_with_it()
    {
        await DropAsync("b/a.txt", "first");
        var link = await IssueAsync(new { file = "a.txt" });
        await DropAsync("b/a.txt", "second");
        using var replaced = await Client.GetAsync(Address(link));
        using var again = await Client.GetAsync(Address(await IssueAsync(new { file = "a.txt" })));
        var last = await IssueAsync(new { file = "a.txt" });
        await server.Account.Inbox.GetBlobClient("b/a.txt").DeleteAsync();
        using var deleted = await Client.GetAsync(Address(last));

        await ApiServer.AssertProblemAsync(replaced, 401, "link-expired");
        Assert.Equal("second", await again.Content.ReadAsStringAsync());
        await ApiServer.AssertProblemAsync(deleted, 404, "file-not-found");
    }

    [Fact]
    public async Task All_instances_of_an_account_know_its_links_and_a_replaced_key_ends_them()
    {
        await DropAsync("b/a.txt", "x");
        await using var second = await ApiServer.StartAsync(server.Account);
        var links = await Task.WhenAll(IssueAsync(new { file = "a.txt" }), IssueAsync(second, new { file = "a.txt" }));
        foreach (var link in links)
        {
            using var one = await Client.GetAsync(Address(link));
            using var other = await second.Client.GetAsync(Address(link));
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (one.StatusCode, other.StatusCode));
        }

        await server.Account.State.GetBlobClient("links/key.json").DeleteAsync();
        await using var third = await ApiServer.StartAsync(server.Account);
        var renewed = await IssueAsync(third, new { file = "a.txt" });
        using var unknown = await third.Client.GetAsync(Address(links[0]));
        using var early = await Client.GetAsync(Address(renewed));
        server.Time.Advance(TimeSpan.FromMinutes(1));
        using var known = await Client.GetAsync(Address(renewed));

        await ApiServer.AssertProblemAsync(unknown, 401, "link-invalid");
        await ApiServer.AssertProblemAsync(early, 401, "link-invalid");
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
    }

    [Fact]
    public async Task Links_come_in_the_order_of_the_wishes_and_each_has_its_own_problem()
    {
        var run = await SeededRun.BeginAsync(server, "b", (ItemKind.Image, null));
        var picture = TestImage.Jpeg(1, 1024, 768);
        await run.SentAsync(0, 0, "optimize-image/h/f", picture, (1024, 768));
        await DropAsync("b/a.txt", "x");
        var links = await IssueAllAsync(
            server,
            new { run = 3, item = "0", view = "sent" },
            new { file = "none.txt" },
            new { file = "../other/a.txt" },
            new { run = 3, item = 0, view = "thumbnail", part = 0 },
            new { run = 3, item = "0", view = "sent", part = 1 },
            new { run = 4, item = "0", view = "sent" },
            new { run = 2, item = "0", view = "sent" },
            new { file = "a.txt" });

        Assert.Equal(
            [null, "file-not-found", "invalid-file-name", null, "item-not-found", "run-not-found", "item-not-found", null],
            links.Select(l => l.TryGetProperty("problem", out var problem) ? problem.GetProperty("code").GetString() : null));
        Assert.Equal(picture, await Client.GetByteArrayAsync(Address(links[0])));
        using var thumbnail = NetVips.Image.NewFromBuffer(await Client.GetByteArrayAsync(Address(links[3])));
        Assert.Equal(320, thumbnail.Width);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"links":[]}""")]
    [InlineData("""{"links":"a.txt"}""")]
    [InlineData("""{"links":["a.txt"]}""")]
    [InlineData("""{"links":[{}]}""")]
    [InlineData("""{"links":[{"file":"a","run":1,"item":"0","view":"sent"}]}""")]
    [InlineData("""{"links":[{"file":"a","view":"sent"}]}""")]
    [InlineData("""{"links":[{"run":1,"item":"0"}]}""")]
    [InlineData("""{"links":[{"run":1,"item":"0","view":"illustration"}]}""")]
    [InlineData("""{"links":[{"run":1,"view":"illustration","part":1}]}""")]
    [InlineData("""{"links":[{"view":"illustration"}]}""")]
    [InlineData("""{"links":[{"run":1,"view":"sent"}]}""")]
    [InlineData("""{"links":[{"run":1,"item":"0","view":"original"}]}""")]
    [InlineData("""{"links":[{"run":1,"item":"0","view":"sent","part":-1}]}""")]
    [InlineData("""{"links":[{"run":"1","item":"0","view":"sent"}]}""")]
    [InlineData("""{"links":[{"file":"a","blob":"state/links/key.json"}]}""")]
    public async Task A_wish_that_means_nothing_is_refused(string body)
    {
        using var response = await Client.PostAsync(
            new Uri("/api/batches/b/links", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));

        await ApiServer.AssertProblemAsync(response, 400, "invalid-body");
    }

    [Fact]
    public async Task At_most_a_hundred_links_are_issued_at_once()
    {
        await DropAsync("b/a.txt", "x");
        var wish = new { file = "a.txt" };
        var links = await IssueAllAsync(server, [.. Enumerable.Repeat(wish, 100)]);
        using var tooMany = await Client.PostAsJsonAsync("/api/batches/b/links", new { links = Enumerable.Repeat(wish, 101) });

        Assert.Equal(100, links.Count);
        await ApiServer.AssertProblemAsync(tooMany, 400, "invalid-body");
    }

    [Fact]
    public async Task A_page_that_was_dropped_as_a_picture_stays_harmless_by_a_link()
    {
        await DropAsync("b/a.jpg", "<html><script>alert(1)</script></html>");
        using var response = await Client.GetAsync(Address(await IssueAsync(new { file = "a.jpg" })));

        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("a.jpg", response.Content.Headers.ContentDisposition.FileName);
        Assert.Contains("sandbox", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    private static string UrlOf(JsonElement link) => link.GetProperty("url").GetString()!;

    private static Uri Address(JsonElement link) => new(UrlOf(link), UriKind.Relative);

    private static (string Ticket, string Signature) Split(string url)
    {
        var parts = url["/media/".Length..].Split("?signature=");
        return (parts[0], parts[1]);
    }

    private async Task DropAsync(string blob, string content) =>
        await server.Account.Inbox.GetBlobClient(blob).UploadAsync(BinaryData.FromString(content), overwrite: true);

    private Task<JsonElement> IssueAsync(object wish) => IssueAsync(server, wish);

    private static async Task<JsonElement> IssueAsync(ApiServer server, object wish) => (await IssueAllAsync(server, wish))[0];

    private static async Task<IReadOnlyList<JsonElement>> IssueAllAsync(ApiServer server, params object[] wishes)
    {
        using var response = await server.Client.PostAsJsonAsync("/api/batches/b/links", new { links = wishes });
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return [.. JsonSerializer.Deserialize<JsonElement>(body).GetProperty("links").EnumerateArray()];
    }
}
