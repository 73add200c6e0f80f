using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Web.Tests;

[Collection(SharedAzurite.Name)]
public sealed class UploadEndpointTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const int MaxUploadBytes = 20 << 20;

    private ApiServer server = null!;

    private HttpClient Client => server.Client;

    public async Task InitializeAsync() =>
        server = await ApiServer.StartAsync(await azurite.NewAccountAsync(), ("Web:MaxUploadBytes", $"{MaxUploadBytes}"));

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(18 << 20)]
    public async Task An_uploaded_file_lies_in_the_inbox_byte_for_byte(int bytes)
    {
        var content = RandomNumberGenerator.GetBytes(bytes);
        using var response = await PutAsync("/api/batches/b/files/photos/a.jpg", content, "image/jpeg");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        var blob = await server.Account.Inbox.GetBlobClient("b/photos/a.jpg").DownloadContentAsync();
        Assert.Equal(content, blob.Value.Content.ToArray());
        Assert.Equal("image/jpeg", blob.Value.Details.ContentType);
        Assert.Equal(bytes, answer.GetProperty("bytes").GetInt64());
        Assert.Equal(blob.Value.Details.ETag.ToString(), answer.GetProperty("etag").GetString());
        Assert.Equal(BatchName.Parse("b"), Assert.Single(server.Host.Drops));
    }

    [Fact]
    public async Task A_file_of_unknown_length_is_taken_as_it_comes()
    {
        using var content = new StreamContent(new Unmeasured(RandomNumberGenerator.GetBytes(9 << 20)));
        using var response = await Client.PutAsync(Address("/api/batches/b/files/a.bin"), content);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var properties = await server.Account.Inbox.GetBlobClient("b/a.bin").GetPropertiesAsync();
        Assert.Equal(9 << 20, properties.Value.ContentLength);
    }

    [Fact]
    public async Task A_file_that_is_announced_as_too_large_is_refused_before_it_is_read()
    {
        using var socket = await ConnectAsync();
        await SendAsync(socket, $"PUT /api/batches/b/files/a.bin HTTP/1.1\r\nHost: a\r\nContent-Length: {MaxUploadBytes + 1}\r\n\r\n");

        var answer = await ReadAnswerAsync(socket.GetStream());

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("\"upload-too-large\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_turns_out_too_large_is_refused_and_nothing_of_it_is_kept()
    {
        using var content = new StreamContent(new Unmeasured(new byte[MaxUploadBytes + 1]));
        using var response = await Client.PutAsync(Address("/api/batches/b/files/a.bin"), content);

        await ApiServer.AssertProblemAsync(response, 413, "upload-too-large");
        Assert.False(await server.Account.Inbox.GetBlobClient("b/a.bin").ExistsAsync());
        Assert.Empty(server.Host.Drops);
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_what_was_there_before()
    {
        using var before = await PutAsync("/api/batches/b/files/a.bin", "before"u8.ToArray(), "text/plain");
        using (var socket = await ConnectAsync())
        {
            await SendAsync(socket, "PUT /api/batches/b/files/a.bin HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nonly this");
            var answer = socket.GetStream();
            socket.Client.Shutdown(SocketShutdown.Send);
            await ReadAnswerAsync(answer);
        }

        var blob = await server.Account.Inbox.GetBlobClient("b/a.bin").DownloadContentAsync();
        Assert.Equal("before", blob.Value.Content.ToString());
        Assert.Single(server.Host.Drops);
    }

    [Theory]
    [InlineData("..%2Fother%2Fa.txt")]
    [InlineData("a%2F..%2F..%2Fb.txt")]
    [InlineData("a%2F%2Fb.txt")]
    [InlineData("a%5Cb.txt")]
    [InlineData("a%0Ab.txt")]
    [InlineData("folder%2F")]
    [InlineData("%20a.txt")]
    [InlineData("")]
    public async Task A_name_that_no_file_can_have_is_refused(string path)
    {
        using var response = await PutAsync($"/api/batches/b/files/{path}", [1], "text/plain");

        await ApiServer.AssertProblemAsync(response, 400, "invalid-file-name");
        Assert.Empty(server.Host.Drops);
    }

    [Fact]
    public async Task A_name_that_is_too_long_with_its_batch_is_refused()
    {
        using var fits = await PutAsync($"/api/batches/b/files/{new string('a', 1022)}", [1], "text/plain");
        using var tooLong = await PutAsync($"/api/batches/b/files/{new string('a', 1023)}", [1], "text/plain");

        Assert.Equal(HttpStatusCode.Created, fits.StatusCode);
        await ApiServer.AssertProblemAsync(tooLong, 400, "invalid-file-name");
    }

    [Fact]
    public async Task Options_that_are_none_are_refused_when_they_are_uploaded()
    {
        using var bad = await PutAsync("/api/batches/b/files/batch.json", """{"maxEdge": 1}"""u8.ToArray(), "application/json");
        using var good = await PutAsync("/api/batches/b/files/batch.json", """{"maxEdge": 512}"""u8.ToArray(), "application/json");

        Assert.Contains("maxEdge", await ApiServer.AssertProblemAsync(bad, 400, "invalid-batch-options"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, good.StatusCode);
    }

    [Fact]
    public async Task An_upload_url_creates_the_one_file_it_is_for()
    {
        const string Name = "röntgen/scan 1 #2.png";
        var upload = await SignOneAsync(Name);
        using var request = new HttpRequestMessage(
            HttpMethod.Put, upload.GetProperty("url").GetString()) { Content = new ByteArrayContent([1, 2, 3]) };
        foreach (var header in upload.GetProperty("headers").EnumerateObject()) request.Headers.Add(header.Name, header.Value.GetString());
        using var client = new HttpClient();
        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var blob = await server.Account.Inbox.GetBlobClient($"b/{Name}").DownloadContentAsync();
        Assert.Equal([1, 2, 3], blob.Value.Content.ToArray());
    }

    [Fact]
    public async Task An_upload_url_can_neither_read_nor_delete_nor_write_elsewhere()
    {
        await server.Account.Inbox.GetBlobClient("b/secret.txt").UploadAsync(BinaryData.FromString("secret"));
        var url = (await SignOneAsync("secret.txt")).GetProperty("url").GetString()!;
        using var client = new HttpClient();
        using var read = await client.GetAsync(new Uri(url));
        using var deleted = await client.DeleteAsync(new Uri(url));
        using var elsewhere = new HttpRequestMessage(
            HttpMethod.Put, url.Replace("secret.txt", "other.txt", StringComparison.Ordinal)) { Content = new ByteArrayContent([1]) };
        elsewhere.Headers.Add("x-ms-blob-type", "BlockBlob");
        using var written = await client.SendAsync(elsewhere);

        Assert.Equal(
            [HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden],
            [read.StatusCode, deleted.StatusCode, written.StatusCode]);
    }

    [Fact]
    public async Task An_upload_url_says_when_it_ends()
    {
        var upload = await SignOneAsync("a.txt");

        var expires = upload.GetProperty("expiresAt").GetDateTimeOffset();
        Assert.Equal(server.Time.GetUtcNow().AddHours(1), expires, TimeSpan.FromSeconds(1));
        Assert.Contains(
            $"se={Uri.EscapeDataString(expires.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture))}",
            upload.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Contains("sp=cw", upload.GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"files":["ok.txt","../x"]}""", "invalid-file-name")]
    [InlineData("""{"files":[{"name":"x"}]}""", "invalid-file-name")]
    [InlineData("""{"files":[]}""", "invalid-body")]
    [InlineData("""{"files":"a.txt"}""", "invalid-body")]
    [InlineData("""{}""", "invalid-body")]
    public async Task Upload_urls_are_for_named_files_only(string body, string code)
    {
        using var response = await Client.PostAsync(Address("/api/batches/b/uploads"), new StringContent(body, Encoding.UTF8, "application/json"));

        await ApiServer.AssertProblemAsync(response, 400, code);
    }

    [Fact]
    public async Task A_host_that_cannot_sign_refuses_upload_urls()
    {
        // An account that was opened by a shared access signature: no key, no identity.
        var account = server.Account.Service;
        var token = account.GenerateAccountSasUri(
            Azure.Storage.Sas.AccountSasPermissions.All, DateTimeOffset.UtcNow.AddHours(1), Azure.Storage.Sas.AccountSasResourceTypes.All);
        await using var unsigned = await ApiServer.StartAsync(new MediaAccount(new BlobServiceClient(token)));
        using var response = await unsigned.Client.PostAsJsonAsync("/api/batches/b/uploads", new { files = new[] { "a.txt" } });

        await ApiServer.AssertProblemAsync(response, 501, "upload-urls-unavailable");
    }

    private static Uri Address(string path) => new(path, UriKind.Relative);

    private static async Task SendAsync(TcpClient socket, string text) => await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>Until the server closes or resets, or has sent a whole small answer.</summary>
    private static async Task<string> ReadAnswerAsync(NetworkStream stream)
    {
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            for (int read; !answer.ToString().Contains("\"code\"", StringComparison.Ordinal)
                && (read = await stream.ReadAsync(buffer, limit.Token)) > 0;)
            {
                answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return answer.ToString();
        }

        return answer.ToString();
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(Client.BaseAddress!.Host, Client.BaseAddress.Port);
        return socket;
    }

    private async Task<JsonElement> SignOneAsync(string name)
    {
        using var response = await Client.PostAsJsonAsync("/api/batches/b/uploads", new { files = new[] { name } });
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonSerializer.Deserialize<JsonElement>(body).GetProperty("uploads")[0];
    }

    private async Task<HttpResponseMessage> PutAsync(string address, byte[] bytes, string type)
    {
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return await Client.PutAsync(Address(address), content);
    }

    private sealed class Unmeasured(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
