using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Testing.Images;

namespace MultiModal.Web.Tests;

[Collection(SharedAzurite.Name)]
public sealed class FileEndpointTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private ApiServer server = null!;

    private HttpClient Client => server.Client;

    public async Task InitializeAsync() => server = await ApiServer.StartAsync(await azurite.NewAccountAsync());

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Files_are_listed_in_pages_and_each_is_there_once()
    {
        var paths = new[] { "a.jpg", "b/c.wav", "b/d.txt", "b-e.pdf", "ü.png" };
        foreach (var path in paths) await DropAsync($"b/{path}", "x");
        await MarkFolderAsync("b/b");
        await DropAsync("bb/other.txt", "x");

        foreach (var limit in new[] { 1, 2, 5, 1000 })
        {
            var seen = new List<string>();
            string? continuation = null;
            do
            {
                var page = await server.GetJsonAsync(
                    $"/api/batches/b/files?limit={limit}{(continuation is null ? "" : $"&continuation={Uri.EscapeDataString(continuation)}")}");
                var files = page.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("path").GetString()!).ToList();
                Assert.True(files.Count <= limit);
                seen.AddRange(files);
                continuation = page.GetProperty("continuation").GetString();
            }
            while (continuation is not null);
            Assert.Equal(paths.Order(StringComparer.Ordinal), seen);
        }
    }

    [Fact]
    public async Task A_listed_file_has_its_size_its_version_and_the_type_that_its_name_suggests()
    {
        await DropAsync("b/folder/a.jpg", "four", "text/html");
        var file = Assert.Single((await server.GetJsonAsync("/api/batches/b/files?prefix=fold")).GetProperty("files").EnumerateArray());
        var blob = (await server.Account.Inbox.GetBlobClient("b/folder/a.jpg").GetPropertiesAsync()).Value;

        Assert.Equal("folder/a.jpg", file.GetProperty("path").GetString());
        Assert.Equal(4, file.GetProperty("size").GetInt64());
        Assert.Equal("image/jpeg", file.GetProperty("contentType").GetString());
        Assert.Equal(blob.ETag.ToString("H"), new Azure.ETag(file.GetProperty("etag").GetString()!).ToString("H"));
        Assert.Equal(blob.LastModified, file.GetProperty("lastModified").GetDateTimeOffset());
        Assert.Empty((await server.GetJsonAsync("/api/batches/b/files?prefix=other")).GetProperty("files").EnumerateArray());
    }

    [Fact]
    public async Task A_blob_at_the_root_is_the_one_file_of_its_batch()
    {
        await DropAsync("note.txt", "Hello.");
        var file = Assert.Single((await server.GetJsonAsync("/api/batches/note.txt/files?limit=1")).GetProperty("files").EnumerateArray());
        using var read = await Client.GetAsync(Address("/api/batches/note.txt/files/note.txt"));
        using var deleted = await Client.DeleteAsync(Address("/api/batches/note.txt/files/note.txt"));

        Assert.Equal("note.txt", file.GetProperty("path").GetString());
        Assert.Equal("Hello.", await read.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.False(await server.Account.Inbox.GetBlobClient("note.txt").ExistsAsync());
    }

    [Fact]
    public async Task A_batch_within_a_folder_lists_its_own_files_only()
    {
        await using var deep = await ApiServer.StartAsync(server.Account, ("Pipeline:BatchDepth", "2"));
        foreach (var path in new[] { "a/b/1.txt", "a/b/2.txt", "a/c/3.txt", "a/4.txt" }) await DropAsync(path, "x");
        var inner = await deep.GetJsonAsync("/api/batches/a%2Fb/files");
        var outer = await deep.GetJsonAsync("/api/batches/a/files?limit=1");

        Assert.Equal(["1.txt", "2.txt"], inner.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("path").GetString()));
        Assert.Equal("4.txt", Assert.Single(outer.GetProperty("files").EnumerateArray()).GetProperty("path").GetString());
        using var foreign = await deep.Client.GetAsync(Address("/api/batches/a/files/b%2F1.txt"));
        await ApiServer.AssertProblemAsync(foreign, 400, "invalid-file-name");
    }

    [Theory]
    [InlineData("/api/batches/none/files", 404, "batch-not-found")]
    [InlineData("/api/batches/b/files?limit=0", 400, "invalid-query")]
    [InlineData("/api/batches/b/files?limit=5001", 400, "invalid-query")]
    [InlineData("/api/batches/b/files?prefix=a%0Ab", 400, "invalid-query")]
    [InlineData("/api/batches/b/files?continuation=nonsense", 400, "invalid-query")]
    [InlineData("/api/batches/a%2F..%2Fb/files", 400, "invalid-batch-name")]
    [InlineData("/api/batches/b/files/none.txt", 404, "file-not-found")]
    [InlineData("/api/batches/b/files/folder", 404, "file-not-found")]
    [InlineData("/api/batches/b/files/marked", 404, "file-not-found")]
    [InlineData("/api/batches/b/files/..%2Fother%2Fa.txt", 400, "invalid-file-name")]
    [InlineData("/api/batches/b/files/a%2F..%2F..%2Fother%2Fa.txt", 400, "invalid-file-name")]
    [InlineData("/api/batches/b/files/a%5Cb.txt", 400, "invalid-file-name")]
    [InlineData("/api/batches/b/files/a%0Ab.txt", 400, "invalid-file-name")]
    [InlineData("/api/batches/b/files/a%2F%2Fb.txt", 400, "invalid-file-name")]
    public async Task What_is_not_there_or_no_name_has_its_code(string address, int status, string code)
    {
        await DropAsync("b/folder/a.txt", "x");
        await DropAsync("other/a.txt", "x");
        await MarkFolderAsync("b/marked");
        using var response = await Client.GetAsync(Address(address));

        await ApiServer.AssertProblemAsync(response, status, code);
        using var head = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, address));
        if (address.Contains("/files/", StringComparison.Ordinal)) Assert.Equal(status, (int)head.StatusCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(65_536)]
    [InlineData(131_072)]
    [InlineData(131_073)]
    [InlineData(3_000_000)]
    public async Task A_file_is_read_whole(int bytes)
    {
        var content = Noise(bytes);
        await DropAsync("b/a.bin", content);
        using var response = await Client.GetAsync(Address("/api/batches/b/files/a.bin"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(bytes, response.Content.Headers.ContentLength);
        Assert.Equal("bytes", response.Headers.AcceptRanges.Single());
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=0-1", 0, 2)]
    [InlineData("bytes=10-19", 10, 10)]
    [InlineData("bytes=131071-131072", 131_071, 2)]
    [InlineData("bytes=200000-", 200_000, 100_000)]
    [InlineData("bytes=-7", 299_993, 7)]
    [InlineData("bytes=299999-400000", 299_999, 1)]
    [InlineData("bytes=0-299999", 0, 300_000)]
    public async Task A_range_of_a_file_is_read(string range, int from, int count)
    {
        var content = Noise(300_000);
        await DropAsync("b/a.bin", content);
        using var response = await GetAsync("/api/batches/b/files/a.bin", ("Range", range));

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(new ContentRangeHeaderValue(from, from + count - 1, 300_000), response.Content.Headers.ContentRange);
        Assert.Equal(content[from..(from + count)], await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("bytes=300000-", HttpStatusCode.RequestedRangeNotSatisfiable)]
    [InlineData("bytes=400000-500000", HttpStatusCode.RequestedRangeNotSatisfiable)]
    [InlineData("bytes=9223372036854775807-", HttpStatusCode.RequestedRangeNotSatisfiable)]
    [InlineData("bytes=5-2", HttpStatusCode.OK)]
    [InlineData("bytes=0-1,5-6", HttpStatusCode.OK)]
    [InlineData("pages=1-2", HttpStatusCode.OK)]
    [InlineData("bytes=99999999999999999999-", HttpStatusCode.OK)]
    public async Task A_range_that_is_none_or_ends_beyond_the_file_is_answered_as_http_says(string range, HttpStatusCode status)
    {
        await DropAsync("b/a.bin", Noise(300_000));
        using var response = await GetAsync("/api/batches/b/files/a.bin", ("Range", range));

        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.OK) Assert.Equal(300_000, response.Content.Headers.ContentLength);
        else Assert.Equal(300_000, response.Content.Headers.ContentRange!.Length);
    }

    [Fact]
    public async Task An_empty_file_is_read_and_has_no_range()
    {
        await DropAsync("b/empty.bin", "");
        using var whole = await Client.GetAsync(Address("/api/batches/b/files/empty.bin"));
        using var range = await GetAsync("/api/batches/b/files/empty.bin", ("Range", "bytes=0-"));

        Assert.Equal((HttpStatusCode.OK, 0L), (whole.StatusCode, whole.Content.Headers.ContentLength));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, range.StatusCode);
    }

    [Fact]
    public async Task Head_says_what_get_would_without_the_content()
    {
        await DropAsync("b/a.txt", new string('x', 200_000));
        using var get = await Client.GetAsync(Address("/api/batches/b/files/a.txt"));
        using var head = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/batches/b/files/a.txt"));

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal((get.Headers.ETag, get.Content.Headers.ContentType), (head.Headers.ETag, head.Content.Headers.ContentType));
        Assert.Equal(get.Content.Headers.LastModified, head.Content.Headers.LastModified);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Conditions_are_those_of_http()
    {
        await DropAsync("b/a.txt", "first");
        const string address = "/api/batches/b/files/a.txt";
        using var first = await Client.GetAsync(Address(address));
        var old = first.Headers.ETag!.ToString();
        using var known = await GetAsync(address, ("If-None-Match", old));
        using var part = await GetAsync(address, ("Range", "bytes=1-2"), ("If-Range", old));
        await DropAsync("b/a.txt", "second");
        using var outdated = await GetAsync(address, ("Range", "bytes=1-2"), ("If-Range", old));
        using var refused = await GetAsync(address, ("If-Match", old));
        using var changed = await GetAsync(address, ("If-None-Match", old));

        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Equal((HttpStatusCode.PartialContent, "ir"), (part.StatusCode, await part.Content.ReadAsStringAsync()));
        Assert.Equal((HttpStatusCode.OK, "second"), (outdated.StatusCode, await outdated.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.StatusCode);
        Assert.Equal((HttpStatusCode.OK, "second"), (changed.StatusCode, await changed.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("photo.jpg", "<html><script>alert(1)</script></html>", "text/html")]
    [InlineData("photo.png", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml")]
    [InlineData("paper.jpg", "%PDF-1.7\n1 0 obj\n<<>>\nendobj", "application/pdf")]
    [InlineData("data.bin", "MZ\u0001\u0002\u0003\u0000\u0000\u0000\u0000\u0001", "application/octet-stream")]
    public async Task What_a_browser_might_run_is_an_attachment_whatever_it_was_stored_as(string name, string content, string type)
    {
        await DropAsync($"b/{name}", content, "image/jpeg");
        using var response = await Client.GetAsync(Address($"/api/batches/b/files/{name}"));

        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal(name, response.Content.Headers.ContentDisposition.FileName);
        AssertHarmless(response);
    }

    [Fact]
    public async Task A_picture_that_was_stored_as_a_page_is_a_picture()
    {
        await DropAsync("b/a.html", TestImage.Jpeg(1), "text/html");
        using var whole = await Client.GetAsync(Address("/api/batches/b/files/a.html"));
        using var range = await GetAsync("/api/batches/b/files/a.html", ("Range", "bytes=100-200"));

        Assert.All(new[] { whole, range }, response =>
        {
            Assert.Equal("image/jpeg", response.Content.Headers.ContentType!.MediaType);
            Assert.Null(response.Content.Headers.ContentDisposition);
            AssertHarmless(response);
        });
    }

    [Fact]
    public async Task The_name_of_an_attachment_breaks_no_header()
    {
        const string Name = "röntgen \"a\"; b=c%0d.svg";
        await DropAsync($"b/{Name}", "<svg/>");
        using var response = await Client.GetAsync(Address($"/api/batches/b/files/{Uri.EscapeDataString(Name)}"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Name, response.Content.Headers.ContentDisposition!.FileNameStar);
    }

    [Fact]
    public async Task A_deleted_file_is_gone_and_its_batch_is_looked_at()
    {
        await DropAsync("b/folder/a.txt", "x");
        using var deleted = await Client.DeleteAsync(Address("/api/batches/b/files/folder%2Fa.txt"));
        using var again = await Client.DeleteAsync(Address("/api/batches/b/files/folder%2Fa.txt"));

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(BatchName.Parse("b"), Assert.Single(server.Host.Drops));
        await ApiServer.AssertProblemAsync(again, 404, "file-not-found");
        Assert.False(await server.Account.Inbox.GetBlobClient("b/folder/a.txt").ExistsAsync());
    }

    [Theory]
    [InlineData("\"0x1\"", 412, "file-changed")]
    [InlineData("\"0x1\", \"0x2\"", 400, "bad-request")]
    [InlineData("nonsense", 400, "bad-request")]
    [InlineData("W/\"0x1\"", 400, "bad-request")]
    public async Task A_file_of_another_version_is_not_deleted(string version, int status, string code)
    {
        await DropAsync("b/a.txt", "x");
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/batches/b/files/a.txt");
        request.Headers.TryAddWithoutValidation("If-Match", version);
        using var response = await Client.SendAsync(request);

        await ApiServer.AssertProblemAsync(response, status, code);
        Assert.True(await server.Account.Inbox.GetBlobClient("b/a.txt").ExistsAsync());
        Assert.Empty(server.Host.Drops);
    }

    [Fact]
    public async Task The_version_that_is_named_is_deleted()
    {
        await DropAsync("b/a.txt", "x");
        using var head = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/batches/b/files/a.txt"));
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/batches/b/files/a.txt");
        request.Headers.IfMatch.Add(head.Headers.ETag!);
        using var response = await Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task A_page_of_another_site_deletes_nothing()
    {
        await DropAsync("b/a.txt", "x");
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/batches/b/files/a.txt");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var response = await Client.SendAsync(request);

        await ApiServer.AssertProblemAsync(response, 403, "cross-site-request");
        Assert.True(await server.Account.Inbox.GetBlobClient("b/a.txt").ExistsAsync());
    }

    [Fact]
    public async Task A_file_of_more_than_two_gibibytes_is_read_where_it_is_asked_for()
    {
        // A page blob is as long as it says, and holds what was written to it.
        const long Length = (5L << 30) + 512;
        var blob = server.Account.Inbox.GetPageBlobClient("b/long.bin");
        await blob.CreateAsync(Length);
        var content = Noise(512);
        using (var stream = new MemoryStream(content)) await blob.UploadPagesAsync(stream, 5L << 30);
        using var response = await GetAsync("/api/batches/b/files/long.bin", ("Range", $"bytes={5L << 30}-"));
        using var head = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/batches/b/files/long.bin"));

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(Length, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_file_that_is_replaced_while_it_is_read_ends_early_and_is_never_mixed()
    {
        var old = Noise(8 << 20);
        await DropAsync("b/a.bin", old);
        using var response = await Client.GetAsync(Address("/api/batches/b/files/a.bin"), HttpCompletionOption.ResponseHeadersRead);
        await using var content = await response.Content.ReadAsStreamAsync();
        var first = new byte[1000];
        await content.ReadExactlyAsync(first);
        await DropAsync("b/a.bin", new byte[8 << 20]);
        var rest = new MemoryStream();
        var broken = await Record.ExceptionAsync(() => content.CopyToAsync(rest));

        Assert.Equal(old[..1000], first);
        Assert.True(broken is IOException or HttpRequestException, $"{broken}");
        Assert.Equal(old[1000..(1000 + (int)rest.Length)], rest.ToArray());
    }

    [Fact]
    public async Task Many_readers_at_once_each_get_their_file()
    {
        var contents = Enumerable.Range(0, 4).Select(n => Noise(200_000 + n)).ToList();
        for (var n = 0; n < contents.Count; n++) await DropAsync($"b/{n}.bin", contents[n]);
        var digests = contents.Select(SHA256.HashData).ToList();

        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 100 }, async (n, token) =>
        {
            var read = await Client.GetByteArrayAsync(Address(string.Create(CultureInfo.InvariantCulture, $"/api/batches/b/files/{n % 4}.bin")), token);
            Assert.Equal(digests[n % 4], SHA256.HashData(read));
        });
    }

    private static Uri Address(string path) => new(path, UriKind.Relative);

    private static void AssertHarmless(HttpResponseMessage response)
    {
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("sandbox", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("same-origin", response.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.True(response.Headers.CacheControl!.Private);
    }

    /// <summary>Bytes that are no text and no known format, the same each time.</summary>
    private static byte[] Noise(int bytes)
    {
        var content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        content[0] = 0;
        return content;
    }

    private async Task MarkFolderAsync(string blob) => await server.Account.Inbox.GetBlobClient(blob).UploadAsync(
        BinaryData.Empty, new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["hdi_isfolder"] = "true" } });

    private Task DropAsync(string blob, string content, string? type = null) => DropAsync(blob, Encoding.UTF8.GetBytes(content), type);

    private async Task DropAsync(string blob, byte[] content, string? type = null) =>
        await server.Account.Inbox.GetBlobClient(blob).UploadAsync(
            new BinaryData(content), new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = type } });

    private async Task<HttpResponseMessage> GetAsync(string address, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request);
    }
}
