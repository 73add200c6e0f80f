using System.Diagnostics;
using System.Globalization;
using AzureOpenAISimulator;
using MultiModal.Testing.Identity;

namespace MultiModal.Faults.Tests.Hosts;

/// <summary>The built Functions app on a real host, as <c>scripts/start-functions</c> runs it. Ends with <see cref="Process"/>.</summary>
internal sealed class FunctionsHost
{
    /// <summary>How the app learns of a blob.</summary>
    public enum Drops
    {
        Polled,
        Events,
    }

    private const string Key = "ZmF1bHRzLW11bHRpbW9kYWwta2V5LW9uZQ==";

    private FunctionsHost(ChildProcess process, Uri address)
    {
        Process = process;
        Client = new HttpClient { BaseAddress = address };
        Client.DefaultRequestHeaders.Add("x-functions-key", Key);
    }

    public ChildProcess Process { get; }

    /// <summary>Knows the host's address and its master key.</summary>
    public HttpClient Client { get; }

    public static FunctionsHost Start(string storage, string hub, SimulatorServer simulator, Drops drops) =>
        Start(storage, hub, drops, HostSettings.Pipeline(simulator), []);

    /// <summary>
    /// The app signs in with a managed identity. The host's own blob trigger does so by key: when its listener gets no token, the host ends, and
    /// nothing starts it again here as Azure does.
    /// </summary>
    public static FunctionsHost Start(string trigger, StorageProxy storage, IdentityEndpoint identity, string hub, SimulatorServer simulator) =>
        Start(trigger, hub, Drops.Polled, [.. HostSettings.ByIdentity(storage), .. HostSettings.Pipeline(simulator)], identity.Environment);

    private static FunctionsHost Start(
        string storage, string hub, Drops drops, IEnumerable<string> settings, IEnumerable<(string Name, string Value)> environment)
    {
        var port = LoopbackPort.Free();
        var start = new ProcessStartInfo(Repository.File("scripts", "start-functions"))
        {
            ArgumentList = { port.ToString(CultureInfo.InvariantCulture), storage, hub, Key, Path.Combine(
                Path.GetTempPath(), $"multimodal-host-keys-{Environment.ProcessId}"), drops == Drops.Events ? "events" : "polled" },
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        foreach (var setting in settings)
        {
            var (name, value) = (setting[..setting.IndexOf('=', StringComparison.Ordinal)],
                setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return new(ChildProcess.Start(start), new Uri($"http://127.0.0.1:{port}"));
    }

    /// <summary>Until the app answers: the host itself does so before, with a 503.</summary>
    public Task IsHealthyAsync() => Eventually.IsAsync("a healthy Functions host", async () =>
    {
        if (Process.HasEnded) throw new InvalidOperationException($"The Functions host has ended: {await Process.Output}{await Process.Errors}");
        try
        {
            using var answer = await Client.GetAsync("healthz");
            return answer.IsSuccessStatusCode ? this : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    });

    /// <summary>Runs a timer's function now.</summary>
    public async Task TriggerAsync(string function)
    {
        using var body = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var answer = await Client.PostAsync($"admin/functions/{function}", body);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>As Event Grid posts to a webhook.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, string eventType, string events)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, path) { Content = new StringContent(events, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("aeg-event-type", eventType);
        return await Client.SendAsync(request);
    }

    /// <summary>SIGKILL for the app's own process, which the host started; the host lives on.</summary>
    public async Task KillWorkerAsync()
    {
        using var kill = System.Diagnostics.Process.Start(
            "pkill", ["-KILL", "-P", Process.Id.ToString(CultureInfo.InvariantCulture), "-f", "MultiModal.Functions"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

}
