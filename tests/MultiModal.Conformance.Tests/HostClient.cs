using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace MultiModal.Conformance.Tests;

/// <summary>The host's HTTP API as a client sees it. Waits poll with a deadline.</summary>
internal sealed class HostClient : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient client;

    public HostClient(Uri address, string? key)
    {
        client = new HttpClient { BaseAddress = address };
        if (string.IsNullOrEmpty(key)) return;
        client.DefaultRequestHeaders.Add("X-API-Key", key);
        client.DefaultRequestHeaders.Add("x-functions-key", key);
    }

    public Uri Address => client.BaseAddress!;

    public static string AddressOf(string batch) => $"/api/batches/{Uri.EscapeDataString(batch)}";

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string address, HttpContent? content = null, string? accept = null, EntityTagHeaderValue? known = null)
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        if (known is not null) request.Headers.IfNoneMatch.Add(known);
        return await client.SendAsync(request);
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => client.SendAsync(request);

    public Task<HttpResponseMessage> GetAsync(string address, string? accept = null, EntityTagHeaderValue? known = null) =>
        SendAsync(HttpMethod.Get, address, null, accept, known);

    public Task<HttpResponseMessage> PostAsync(string address, object? body = null) =>
        SendAsync(HttpMethod.Post, address, body is null ? null : JsonContent.Create(body));

    public Task<HttpResponseMessage> PutAsync(string batch, string path, byte[] content) =>
        SendAsync(HttpMethod.Put, $"{AddressOf(batch)}/files/{path}", new ByteArrayContent(content));

    public async Task<JsonElement> GetJsonAsync(string address)
    {
        using var response = await GetAsync(address);
        return await JsonAsync(response, HttpStatusCode.OK);
    }

    /// <summary>Makes a batch that waits for a start.</summary>
    public async Task MakeHeldAsync(string batch)
    {
        using var made = await PostAsync("/api/batches", new { name = batch, options = new { start = "manual" } });
        await JsonAsync(made, HttpStatusCode.Created);
    }

    public async Task StartAsync(string batch, string query = "")
    {
        using var response = await PostAsync($"{AddressOf(batch)}/start{query}");
        await JsonAsync(response, HttpStatusCode.Accepted);
        Assert.Equal(AddressOf(batch), response.Headers.Location?.OriginalString);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{response.RequestMessage?.RequestUri}: {(int)response.StatusCode} {body}");
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    /// <summary>Asserts problem details (RFC 9457) with this code.</summary>
    public static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var problem = await JsonAsync(response, status);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    /// <summary>Waits until the batch's details are as wanted; they are null while the batch is unknown.</summary>
    public async Task<JsonElement?> WaitUntilAsync(string batch, Func<JsonElement?, bool> wanted, string what)
    {
        var last = "nothing";
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Deadline; await Task.Delay(Pause))
        {
            using var response = await GetAsync(AddressOf(batch));
            last = await response.Content.ReadAsStringAsync();
            JsonElement? details = response.IsSuccessStatusCode ? JsonSerializer.Deserialize<JsonElement>(last) : null;
            Assert.True(response.IsSuccessStatusCode || response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable, last);
            if (wanted(details)) return details;
        }

        throw new TimeoutException($"The batch did not {what} within {Deadline}: {last}");
    }

    public async Task<JsonElement> WaitForStatusAsync(string batch, params string[] statuses) =>
        (await WaitUntilAsync(
            batch, details => details is { } d && statuses.Contains(d.Status()), $"come to {string.Join(" or ", statuses)}"))!.Value;

    /// <summary>Waits for a latest report that is as wanted, of a batch at rest. Holds it to the schema.</summary>
    public async Task<JsonElement> WaitForReportAsync(string batch, Func<JsonElement, bool> wanted)
    {
        var last = "nothing";
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Deadline; await Task.Delay(Pause))
        {
            using var response = await GetAsync($"{AddressOf(batch)}/report", "application/json");
            last = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode || response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable, last);
            if (!response.IsSuccessStatusCode) continue;
            await ReportSchema.HoldsAsync(last);
            var report = JsonSerializer.Deserialize<JsonElement>(last);
            var details = await GetJsonAsync(AddressOf(batch));
            if (wanted(report) && details.Status() is not ("running" or "quiet")) return report;
        }

        throw new TimeoutException($"No report as expected within {Deadline}; the last answer was: {last}");
    }

    /// <summary>Starts the batch and waits for the report of that very run.</summary>
    public async Task<JsonElement> RunAgainAsync(string batch, string query = "")
    {
        var before = (await GetJsonAsync(AddressOf(batch))).GetProperty("runSeq").GetInt32();
        await StartAsync(batch, query);
        return await WaitForReportAsync(batch, report => report.GetProperty("runSeq").GetInt32() > before);
    }

    public void Dispose() => client.Dispose();
}
