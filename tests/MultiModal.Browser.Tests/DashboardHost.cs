using System.Text.Json;
using AzureOpenAISimulator;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MultiModal.LocalHost.Serving;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Browser.Tests;

/// <summary>The local host in this process, until it is disposed.</summary>
internal sealed class DashboardHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly SimulatorServer? models;
    private readonly CancellationTokenSource stop = new();
    private Task<int> running = Task.FromResult(0);

    private DashboardHost(WebApplication app, SimulatorServer? models) => (this.app, this.models) = (app, models);

    public Uri Address => new(app.Urls.Single());

    public MediaAccount Account => app.Services.GetRequiredService<MediaAccount>();

    /// <param name="storage">Connection string of its account.</param>
    /// <param name="models">Disposed with the host; without it, the engines are offline ones.</param>
    /// <param name="more">Further settings.</param>
    public static async Task<DashboardHost> StartAsync(string storage, SimulatorServer? models = null, params string[] more)
    {
        string[] settings =
        [
            $"Storage:ConnectionString={storage}",
            "LocalHost:Url=http://127.0.0.1:0",
            "Pipeline:QuietPeriod=00:00:00.4",
            "LocalHost:PollInterval=00:00:00.1",
            .. models is null ? ["Ai:Vision:Engine=Off", "Ai:Speech:Engine=Offline", "Ai:Text:Engine=Offline"] : SimulatedModels.Settings(models),
            .. more,
        ];
        var host = new DashboardHost(Server.Build(settings, builder => builder.Logging.ClearProviders()), models);
        host.running = Server.RunAsync(host.app, host.stop.Token);
        var ready = new TaskCompletionSource();
        await using var started = host.app.Lifetime.ApplicationStarted.Register(ready.SetResult);
        await await Task.WhenAny(ready.Task, host.running);
        return host;
    }

    /// <summary>Address of a view of the dashboard.</summary>
    /// <param name="view">As it stands after <c>#/</c>.</param>
    public string At(string view = "") => $"{Address}#/{view}";

    /// <summary>Address of a view of a batch.</summary>
    public string AtBatch(string batch, string tab = "") => At($"b/{Uri.EscapeDataString(batch)}{(tab.Length > 0 ? $"/{tab}" : "")}");

    public Task DropAsync(string name, byte[] content) => Account.Inbox.GetBlobClient(name).UploadAsync(new BinaryData(content), overwrite: true);

    /// <summary>Waits until the batch rests after a run.</summary>
    public async Task RestsAsync(string batch)
    {
        var batches = app.Services.GetRequiredService<BatchStore>();
        var name = BatchName.Parse(batch);
        await Eventually.IsAsync($"{batch} at rest", async () =>
            (await batches.ReadAsync(name, CancellationToken.None))?.Value is { Phase: BatchPhase.Resting, RunSeq: > 0 } state ? state : null);
    }

    /// <summary>Stores a finished batch with a report, as if this host had run it.</summary>
    /// <param name="batch">Name of the batch.</param>
    /// <param name="report">Its report.</param>
    public async Task KnowsAsync(string batch, object report)
    {
        var name = BatchName.Parse(batch);
        await Account.Results.GetBlobClient($"{name.ResultsFolder}/runs/1/report.json").UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(report, JsonSerializerOptions.Web)), overwrite: true);
        var state = new BatchState { Batch = name, RunSeq = 1, LastStatus = RunStatus.Succeeded, FinishedAt = DateTimeOffset.UtcNow };
        await app.Services.GetRequiredService<BatchStore>().WriteAsync(state, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        await app.DisposeAsync();
        if (models is not null) await models.DisposeAsync();
        stop.Dispose();
    }
}
