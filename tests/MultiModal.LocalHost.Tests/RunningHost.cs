using AzureOpenAISimulator;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using MultiModal.LocalHost.Serving;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Storage;

namespace MultiModal.LocalHost.Tests;

/// <summary>The whole server in this process, on a free port, until it is disposed.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly CancellationTokenSource stop = new();
    private Task<int> running = Task.FromResult(0);

    private RunningHost(WebApplication app) => this.app = app;

    public MediaAccount Account => app.Services.GetRequiredService<MediaAccount>();

    public BatchStore Batches => app.Services.GetRequiredService<BatchStore>();

    public HttpClient Http { get; private set; } = null!;

    public static string[] Settings(string storage, SimulatorServer? simulator, params string[] more) =>
    [
        $"Storage:ConnectionString={storage}",
        "LocalHost:Url=http://127.0.0.1:0",
        "Pipeline:QuietPeriod=00:00:00.4",
        "LocalHost:PollInterval=00:00:00.1",
        .. simulator is null
            ? (string[])["Ai:Vision:Engine=Off", "Ai:Speech:Engine=Offline", "Ai:Text:Engine=Offline"]
            :
            [
                $"AZURE_OPENAI_ENDPOINT={simulator.Endpoint}", $"AZURE_OPENAI_API_KEY={simulator.Key}",
                "Ai:Vision:Deployment=gpt-4o", "Ai:Text:Deployment=gpt-4o", "Ai:Speech:Deployment=whisper",
            ],
        .. more,
    ];

    public static Task<RunningHost> StartAsync(string storage, SimulatorServer? simulator = null, params string[] more) =>
        StartAsync(TimeProvider.System, storage, simulator, more);

    public static Task<RunningHost> StartAsync(TimeProvider time, string storage, SimulatorServer? simulator = null, params string[] more) =>
        StartAsync(Settings(storage, simulator, more), builder => builder.Services.Replace(ServiceDescriptor.Singleton(time)));

    /// <summary>A host that is put together in another way.</summary>
    public static Task<RunningHost> StartConfiguredAsync(string storage, Action<WebApplicationBuilder> configure, params string[] more) =>
        StartAsync(Settings(storage, simulator: null, more), configure);

    private static async Task<RunningHost> StartAsync(string[] settings, Action<WebApplicationBuilder> configure)
    {
        var host = new RunningHost(Server.Build(settings, builder =>
        {
            builder.Logging.ClearProviders();
            configure(builder);
        }));
        host.running = Server.RunAsync(host.app, host.stop.Token);
        var ready = new TaskCompletionSource();
        await using var started = host.app.Lifetime.ApplicationStarted.Register(ready.SetResult);
        await await Task.WhenAny(ready.Task, host.running);
        host.Http = new HttpClient { BaseAddress = new Uri(host.app.Urls.Single()) };
        return host;
    }

    public Task DropAsync(string name, string text) => Account.Inbox.GetBlobClient(name).UploadAsync(BinaryData.FromString(text), overwrite: true);

    /// <summary>The batch at rest, with all that was dropped in a run.</summary>
    public Task<BatchState> RestedAsync(string batch, int runSeq = 1) => Eventually.IsAsync($"{batch} at rest after run {runSeq}", async () =>
        await StateAsync(batch) is { Phase: BatchPhase.Resting } state && state.RunSeq >= runSeq ? state : null);

    public Task<BatchState> InAsync(BatchPhase phase, string batch) => Eventually.IsAsync($"{batch} {phase}", async () =>
        await StateAsync(batch) is { } state && state.Phase == phase ? state : null);

    public async Task<BatchState?> StateAsync(string batch) => (await Batches.ReadAsync(BatchName.Parse(batch), CancellationToken.None))?.Value;

    public async Task<Report> ReportAsync(string batch) =>
        (await Account.Results.ReadJsonAsync<Report>($"{batch}/report.json", CancellationToken.None))!.Value;

    public async Task<int> StopAsync()
    {
        await stop.CancelAsync();
        return await running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Http.Dispose();
        await app.DisposeAsync();
        stop.Dispose();
    }
}
