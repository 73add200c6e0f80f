using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Admission;
using MultiModal.Pipeline.Ai.Selection;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Previews;
using MultiModal.Pipeline.Programs;
using MultiModal.Pipeline.Registration;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.Web.Tests;

/// <summary>The API on Kestrel at a free port of the loopback interface, over a storage account of its own.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private ApiServer(WebApplication app, MediaAccount account, RecordingHost host, FakeTimeProvider time)
    {
        (this.app, Account, Host, Time) = (app, account, host, time);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Client = new HttpClient { BaseAddress = new Uri(addresses.Addresses.Single()) };
    }

    public MediaAccount Account { get; }

    public RecordingHost Host { get; }

    public FakeTimeProvider Time { get; }

    public HttpClient Client { get; }

    public RunStore Runs => app.Services.GetRequiredService<RunStore>();

    public BatchStore Batches => app.Services.GetRequiredService<BatchStore>();

    public IEnumerable<RouteEndpoint> Routes => app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    public static Task<ApiServer> StartAsync(MediaAccount account, params (string Key, string Value)[] settings) =>
        StartAsync(account, new StorageOptions(), settings);

    public static Task<ApiServer> StartAsync(MediaAccount account, StorageOptions storage, params (string Key, string Value)[] settings) =>
        StartAsync(account, storage, log: null, settings);

    /// <summary>A server whose log lines a test reads.</summary>
    public static Task<ApiServer> StartLoggedAsync(MediaAccount account, ILoggerProvider log) => StartAsync(account, new StorageOptions(), log, []);

    private static async Task<ApiServer> StartAsync(
        MediaAccount account, StorageOptions storage, ILoggerProvider? log, (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (log is not null) builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        foreach (var (key, value) in settings) builder.Configuration[key] = value;
        var options =
            new PipelineOptions {
                BatchDepth = int.Parse(builder.Configuration["Pipeline:BatchDepth"] ?? "1", System.Globalization.CultureInfo.InvariantCulture) };
        var host = new RecordingHost();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        if (builder.Configuration["Storage:ConnectionString"] is not null) builder.Services.AddMultiModalPipeline(builder.Configuration);
        else builder.Services.AddEngines(builder.Configuration);
        builder.Services
            .AddSingleton(account)
            .AddSingleton(options)
            .AddSingleton(Microsoft.Extensions.Options.Options.Create(options))
            .AddSingleton(Microsoft.Extensions.Options.Options.Create(storage))
            .AddSingleton(OwnPorts.All)
            .AddSingleton<WebhookRules>()
            .AddSingleton<BatchAdmission>()
            .AddSingleton<InboxListing>()
            .AddSingleton<ContentCache>()
            .AddSingleton<RunStore>()
            .AddSingleton<BatchStore>()
            .AddSingleton<BatchResults>()
            .AddSingleton<UploadMarks>()
            .AddSingleton<ItemPreviews>()
            .AddSingleton<Thumbnails>()
            .AddSingleton(Microsoft.Extensions.Options.Options.Create(new DecoderOptions()))
            .AddSingleton<ProgramRunner>()
            .AddSingleton<DecoderProcess>()
            .AddSingleton<IImageEngine, NetVipsImageEngine>()
            .AddSingleton(new WorkFolder(null))
            .AddSingleton<IBatchHost>(host)
            .AddSingleton<TimeProvider>(time)
            .AddMultiModalWeb(builder.Configuration);
        var app = builder.Build();
        app.MapMultiModalApi();
        await app.StartAsync();
        return new ApiServer(app, account, host, time);
    }

    /// <summary>A batch's state in the host and in its store, as a real host keeps it.</summary>
    public async Task KnowsAsync(BatchState state)
    {
        Host.States[state.Batch] = state;
        await Batches.WriteAsync(state, CancellationToken.None);
    }

    public async Task<JsonElement> GetJsonAsync(string address)
    {
        using var response = await Client.GetAsync(new Uri(address, UriKind.Relative));
        Assert.True(response.IsSuccessStatusCode, $"{address}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Asserts that the answer is a problem with this code, and returns its detail.</summary>
    public static async Task<string> AssertProblemAsync(HttpResponseMessage response, int status, string code)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize<JsonElement>(body);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        return problem.GetProperty("detail").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }
}
