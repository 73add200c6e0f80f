using System.Text.Json;
using System.Text.Json.Nodes;

namespace MultiModal.Faults.Tests.Upgrade;

/// <summary>A local host in a process of its own that is used through its HTTP API alone, so that it may be of any build.</summary>
internal sealed class ServingHost : IAsyncDisposable
{
    private readonly ChildProcess process;
    private readonly HttpClient http;

    private ServingHost(ChildProcess process, Uri address) => (this.process, http) = (process, new HttpClient { BaseAddress = address });

    /// <summary>Today's host.</summary>
    public static Task<ServingHost> StartAsync(IEnumerable<string> settings) =>
        StartAsync(Path.Combine(AppContext.BaseDirectory, "MultiModal.LocalHost.dll"), settings);

    /// <param name="program">The assembly of the host.</param>
    /// <param name="settings">Each as <c>Name:Key=value</c>.</param>
    public static async Task<ServingHost> StartAsync(string program, IEnumerable<string> settings)
    {
        var address = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        var arguments = settings.Append($"LocalHost:Url={address}").SelectMany(setting => new[] { "--set", setting });
        var host = new ServingHost(ChildProcess.StartDotnet(program, ["serve", .. arguments]), address);
        await Eventually.IsAsync("the host answers", host.ReadHealthAsync);
        return host;
    }

    public static string AddressOf(string batch) => $"/api/batches/{Uri.EscapeDataString(batch)}";

    /// <param name="path">With its query.</param>
    /// <param name="mediaType">The one that is asked for.</param>
    /// <exception cref="HttpRequestException">The host refused; its answer is in the message.</exception>
    public async Task<string> GetAsync(string path, string mediaType = DumpedAnswer.Json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", mediaType);
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? text : throw new HttpRequestException($"{path}: {(int)answer.StatusCode} {text}");
    }

    public Task StartRunAsync(string batch, string query = "") => PostAsync($"{AddressOf(batch)}/start{query}");

    public Task CancelAsync(string batch) => PostAsync($"{AddressOf(batch)}/cancel");

    /// <summary>Waits until the batch is at rest after this run or a later one.</summary>
    public Task WaitForRestAsync(string batch, int runSeq) => WaitUntilAsync(
        batch,
        $"at rest after run {runSeq}",
        b => b["runSeq"]!.GetValue<int>() >= runSeq && b["status"]!.GetValue<string>() is not ("running" or "quiet"));

    /// <param name="batch">It need not be there yet.</param>
    /// <param name="what">What is waited for, for the message of a test that fails.</param>
    /// <param name="condition">Sees what <c>GET /api/batches/{batch}</c> answers.</param>
    public Task WaitUntilAsync(string batch, string what, Func<JsonObject, bool> condition) => Eventually.IsAsync($"{batch} {what}", async () =>
    {
        using var answer = await http.GetAsync(AddressOf(batch));
        if (!answer.IsSuccessStatusCode) return null;
        var details = (await JsonSerializer.DeserializeAsync<JsonObject>(await answer.Content.ReadAsStreamAsync()))!;
        return condition(details) ? details : null;
    });

    public Task KillAsync() => process.KillAsync();

    /// <summary>Stops the host as an operator would.</summary>
    public async Task StopAsync()
    {
        await process.SignalAsync("TERM");
        var exitCode = await process.EndAsync();
        if (exitCode != 0) throw new InvalidOperationException($"The host ended with {exitCode}: {await process.Output}{await process.Errors}");
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await process.DisposeAsync();
    }

    private async Task PostAsync(string path)
    {
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content: null);
        if (answer.IsSuccessStatusCode) return;
        throw new HttpRequestException($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <returns>Null while the host is starting.</returns>
    private async Task<string?> ReadHealthAsync()
    {
        process.MustRun();
        try
        {
            return await http.GetStringAsync("/healthz");
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
