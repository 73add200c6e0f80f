using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Tests.Wire;

namespace AzureOpenAISimulator.Tests.Admin;

/// <summary>The simulator as black-box tests have it: a process of its own, told and asked over HTTP.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xUnit calls IAsyncLifetime.DisposeAsync.")]
public sealed class SeparateProcessTests : IAsyncLifetime
{
    private Process _process = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _process = Process.Start(
            new ProcessStartInfo(
                "dotnet",
                [typeof(SimulatorServer).Assembly.Location, "--urls", "http://127.0.0.1:0", "--key", "black-box", "--deployments",
                    "vision=gpt-4o,speech=whisper"])
        {
            RedirectStandardOutput = true,
        })!;
        const string announcement = "Now listening on: ";
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(announcement, StringComparison.Ordinal) is var at and >= 0)
            {
                _http = new HttpClient { BaseAddress = new Uri(line[(at + announcement.Length)..].Trim()) };
                _http.DefaultRequestHeaders.Add("api-key", "black-box");
                return;
            }
        }
        throw new InvalidOperationException($"The simulator ended with {_process.ExitCode}.");
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [Fact]
    public async Task Script_content_bill_and_gauge_are_reached_over_http()
    {
        await PutAsync("script", """{"seed":1,"rules":[{"kind":"chat","nth":1,"fault":{"kind":"tooManyRequests","retryAfterSeconds":1}}]}""");
        await PutAsync("deployments", """{"name":"added","family":"gpt-4.1-mini"}""");
        var statuses = new List<int>();
        foreach (var deployment in new[] { "vision", "vision", "added", "vision" })
        {
            using var response = await _http.PostAsync(
                new Uri(RawCalls.Deployment(deployment), UriKind.Relative), Json(RawCalls.Says("hi").ToJsonString()));
            statuses.Add((int)response.StatusCode);
        }

        Assert.Equal([429, 200, 200, 200], statuses);
        Assert.Equal(3, (await GetAsync("bill")).AsArray().Count);
        Assert.Equal(
            ("vision", 2), ((string?)(await GetAsync("bill/paid-twice"))[0]!["deployment"], (int)(await GetAsync("bill/paid-twice"))[0]!["times"]!));
        Assert.Equal(4, (int)(await GetAsync("gauge"))["chatCount"]!);
        Assert.Equal("tooManyRequests", (string?)(await GetAsync("requests"))[0]!["fault"]);

        using var reset = await _http.PostAsync(new Uri("_simulator/reset", UriKind.Relative), null);
        Assert.Empty((await GetAsync("bill")).AsArray());
        Assert.Empty((await GetAsync("script"))["rules"]!.AsArray());
    }

    [Fact]
    public async Task Known_content_is_returned_and_invalid_settings_are_refused()
    {
        var recording = Wav.Tone(1);
        await PutAsync("content", new JsonObject { ["contentHash"] = Sha256.Of(recording), ["text"] = "Mind the gap." }.ToJsonString());
        using var form = new MultipartFormDataContent { { new ByteArrayContent(recording), "file", "a.wav" } };
        using var response = await _http.PostAsync(new Uri(RawCalls.Transcriptions("speech"), UriKind.Relative), form);
        using var nonsense = await _http.PutAsync(
            new Uri("_simulator/script", UriKind.Relative), Json("""{"rules":[{"fault":{"kind":"earthquake"}}]}"""));
        using var unknown = await _http.PutAsync(new Uri("_simulator/deployments", UriKind.Relative), Json("""{"name":"a","family":"gpt-9"}"""));

        Assert.Equal("Mind the gap.", (string?)(await response.Content.ReadFromJsonAsync<JsonObject>())!["text"]);
        Assert.Equal((400, 400), ((int)nonsense.StatusCode, (int)unknown.StatusCode));
    }

    private async Task PutAsync(string what, string json)
    {
        using var response = await _http.PutAsync(new Uri($"_simulator/{what}", UriKind.Relative), Json(json));
        Assert.Equal(204, (int)response.StatusCode);
    }

    private async Task<JsonNode> GetAsync(string what) =>
        JsonNode.Parse(await _http.GetStringAsync(new Uri($"_simulator/{what}", UriKind.Relative)))!;

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
