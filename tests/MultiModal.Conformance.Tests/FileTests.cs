using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MultiModal.Testing.Media;

namespace MultiModal.Conformance.Tests;

/// <summary>Files, pictures and sound over the API, and by links.</summary>
public sealed class FileTests : ConformanceTest
{
    [SkippableFact]
    public async Task Files_are_listed_read_in_parts_and_deleted()
    {
        var batch = NewBatch();
        var text = NewText();
        await RunAsync(batch, ("a b.txt", Encoding.UTF8.GetBytes(text)), ("folder/ü.txt", Encoding.UTF8.GetBytes(NewText())));
        var files = (await Host.GetJsonAsync($"{HostClient.AddressOf(batch)}/files")).GetProperty("files").EnumerateArray().ToList();
        using var part = await ReadAsync(HttpMethod.Get, $"{HostClient.AddressOf(batch)}/files/a%20b.txt", new RangeHeaderValue(4, 10));
        using var head = await ReadAsync(HttpMethod.Head, $"{HostClient.AddressOf(batch)}/files/folder%2F%C3%BC.txt");
        using var folder = await ReadAsync(HttpMethod.Head, $"{HostClient.AddressOf(batch)}/files/folder");
        using var deleted = await Host.SendAsync(HttpMethod.Delete, $"{HostClient.AddressOf(batch)}/files/folder%2F%C3%BC.txt");
        using var again = await Host.SendAsync(HttpMethod.Delete, $"{HostClient.AddressOf(batch)}/files/folder%2F%C3%BC.txt");
        var report = await Host.WaitForReportAsync(batch, report => report.GetProperty("items").GetArrayLength() == 1);

        Assert.Equal(["a b.txt", "folder/ü.txt"], files.Select(f => f.GetProperty("path").GetString()!));
        Assert.Equal((HttpStatusCode.PartialContent, text[4..11]), (part.StatusCode, await part.Content.ReadAsStringAsync()));
        Assert.Equal((HttpStatusCode.OK, files[1].GetProperty("size").GetInt64()), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Equal(HttpStatusCode.NotFound, folder.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await HostClient.AssertProblemAsync(again, HttpStatusCode.NotFound, "file-not-found");
        Assert.Equal(2, report.GetProperty("runSeq").GetInt32());
    }

    [SkippableFact]
    public async Task Links_show_and_play_without_a_key_until_they_are_altered()
    {
        var batch = NewBatch();
        var sound = Wav.Tone(2);
        await RunAsync(batch, ("a.png", Png.Noise(640, 480)), ("b.wav", sound), ("page.jpg", Encoding.UTF8.GetBytes($"<html>{NewText()}</html>")));
        using var issued = await Host.PostAsync($"{HostClient.AddressOf(batch)}/links", new
        {
            links = new object[]
            {
                new { file = "b.wav" }, new { run = 1, item = "0", view = "sent" }, new { run = 1, item = "0", view = "thumbnail" },
                new { file = "page.jpg" }, new { file = "none.jpg" },
            },
        });
        var links = (await HostClient.JsonAsync(issued, HttpStatusCode.OK)).GetProperty("links").EnumerateArray().ToList();
        var urls = links.Take(4).Select(l => l.GetProperty("url").GetString()!).ToList();

        using var anonymous = new HttpClient { BaseAddress = Host.Address };
        using var seek = new HttpRequestMessage(HttpMethod.Get, urls[0]) { Headers = { Range = new RangeHeaderValue(30_000, 30_099) } };
        using var part = await anonymous.SendAsync(seek);
        using var sent = await anonymous.GetAsync(new Uri(urls[1], UriKind.Relative));
        using var thumbnail = await anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, urls[2]));
        using var page = await anonymous.GetAsync(new Uri(urls[3], UriKind.Relative));
        using var altered = await anonymous.GetAsync(new Uri($"{urls[0][..^2]}{(urls[0].EndsWith("AA", StringComparison.Ordinal) ? "BB" : "AA")}", UriKind.Relative));
        using var unsigned = await anonymous.GetAsync(new Uri(urls[0].Split('?')[0], UriKind.Relative));

        Assert.Equal((HttpStatusCode.PartialContent, "audio/wav"), (part.StatusCode, part.Content.Headers.ContentType?.MediaType));
        Assert.Equal(sound[30_000..30_100], await part.Content.ReadAsByteArrayAsync());
        Assert.Equal("no-referrer", part.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (sent.StatusCode, thumbnail.StatusCode));
        Assert.StartsWith("image/", sent.Content.Headers.ContentType!.MediaType, StringComparison.Ordinal);
        Assert.Equal("attachment", page.Content.Headers.ContentDisposition?.DispositionType);
        await HostClient.AssertProblemAsync(altered, HttpStatusCode.Unauthorized, "link-invalid");
        await HostClient.AssertProblemAsync(unsigned, HttpStatusCode.Unauthorized, "link-invalid");
        Assert.Equal("file-not-found", links[4].GetProperty("problem").GetProperty("code").GetString());
    }

    [SkippableTheory]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound, "not-found")]
    [InlineData("GET", "/api/batches/a/nothing", HttpStatusCode.NotFound, "not-found")]
    [InlineData("DELETE", "/api/costs", HttpStatusCode.MethodNotAllowed, "method-not-allowed")]
    [InlineData("POST", "/healthz", HttpStatusCode.MethodNotAllowed, "method-not-allowed")]
    [InlineData("GET", "/api/batches/a/files/b%2F..%2F..%2Fc", HttpStatusCode.BadRequest, "invalid-file-name")]
    [InlineData("DELETE", "/api/batches/a/files/b%5Cc", HttpStatusCode.BadRequest, "invalid-file-name")]
    [InlineData("GET", "/api/batches/no-such-batch/files", HttpStatusCode.NotFound, "batch-not-found")]
    [InlineData("GET", "/api/batches/no-such-batch/runs/1/items/0/waveform", HttpStatusCode.NotFound, "batch-not-found")]
    public async Task What_there_is_not_is_a_problem(string method, string address, HttpStatusCode status, string code)
    {
        using var response = await Host.SendAsync(new HttpMethod(method), address);

        await HostClient.AssertProblemAsync(response, status, code);
        Assert.NotEmpty((await HostClient.JsonAsync(response, status)).GetProperty("traceId").GetString()!);
    }

    private Task<HttpResponseMessage> ReadAsync(HttpMethod method, string address, RangeHeaderValue? range = null)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.Range = range;
        return Host.SendAsync(request);
    }
}
