using System.Net.Http.Json;
using System.Text.Json;

namespace MultiModal.Conformance.Tests;

/// <summary>The model simulator, asked what it was asked.</summary>
internal sealed class SimulatorClient : IDisposable
{
    private readonly HttpClient client = new();

    public SimulatorClient()
    {
        var address = Environment.GetEnvironmentVariable("CONFORMANCE_SIMULATOR");
        Skip.If(string.IsNullOrEmpty(address), "CONFORMANCE_SIMULATOR is not set: there is nobody to count model calls.");
        client.BaseAddress = new Uri(address);
    }

    /// <summary>Numbers of all calls so far.</summary>
    public async Task<HashSet<int>> CallsAsync() =>
        [.. (await client.GetFromJsonAsync<JsonElement>("/_simulator/requests")).EnumerateArray().Select(c => c.GetProperty("number").GetInt32())];

    /// <summary>How many calls of models that looked at an image or heard a recording came since.</summary>
    public async Task<int> MediaCallsSinceAsync(HashSet<int> before) =>
        (await client.GetFromJsonAsync<JsonElement>("/_simulator/requests")).EnumerateArray()
            .Count(c => !before.Contains(c.GetProperty("number").GetInt32()) && c.GetProperty("media").GetArrayLength() > 0);

    /// <summary>How many pictures were made of a prompt.</summary>
    public async Task<int> PicturesOfAsync(string prompt) =>
        (await client.GetFromJsonAsync<JsonElement>("/_simulator/requests")).EnumerateArray()
            .Count(c => c.GetProperty("kind").GetString() == "imageGeneration" && c.GetProperty("body").GetProperty("prompt").GetString() == prompt);

    /// <summary>Lines of the bill for calls that came since.</summary>
    public async Task<List<JsonElement>> BillSinceAsync(HashSet<int> before) =>
        [.. (await client.GetFromJsonAsync<JsonElement>("/_simulator/bill")).EnumerateArray()
            .Where(line => !before.Contains(line.GetProperty("call").GetInt32()))];

    /// <summary>All calls take so long from now on.</summary>
    public Task DelayAsync(int milliseconds) =>
        PlayAsync(milliseconds == 0 ? [] : [new { fault = new { kind = "delay", delayMs = milliseconds } }]);

    /// <summary>All calls of a deployment fail from now on.</summary>
    public Task FailAsync(string deployment) => PlayAsync(new { fault = new { kind = "serverError", status = 503 }, deployment });

    private async Task PlayAsync(params object[] rules)
    {
        using var response = await client.PutAsJsonAsync("/_simulator/script", new { seed = 1, rules });
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => client.Dispose();
}
