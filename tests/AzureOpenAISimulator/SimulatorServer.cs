using AzureOpenAISimulator.Billing;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Recording;
using AzureOpenAISimulator.Service;
using AzureOpenAISimulator.Settings;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace AzureOpenAISimulator;

/// <summary>A simulator in this process, on 127.0.0.1 and a free port, until it is disposed.</summary>
public sealed class SimulatorServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Simulator _simulator;

    private SimulatorServer(WebApplication app, Simulator simulator, string key)
    {
        _app = app;
        _simulator = simulator;
        Key = key;
        Endpoint = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    /// <summary>As <c>AZURE_OPENAI_ENDPOINT</c> has it; add <c>/openai/v1/</c> or <c>/v1/</c> for the other doors.</summary>
    public Uri Endpoint { get; }

    public string Key { get; }

    /// <summary>All calls so far, in order of arrival; a copy.</summary>
    public IReadOnlyList<RecordedCall> Requests => _simulator.Log.Calls;

    public Bill Bill => _simulator.Bill;

    public ConcurrencyGauge Gauge => _simulator.Gauge;

    /// <summary>Setting it starts its counts anew.</summary>
    public Script Script
    {
        get => _simulator.Faults.Script;
        set => _simulator.Faults.Script = value;
    }

    /// <inheritdoc cref="Simulator.Settings"/>
    public SimulatorSettings Settings
    {
        get => _simulator.Settings;
        set => _simulator.Settings = value;
    }

    public static async Task<SimulatorServer> StartAsync(SimulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SimulatorOptions();
        var simulator = options.Simulator();
        var app = SimulatorApplication.Build(simulator, builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
        });
        await app.StartAsync(cancellationToken);
        return new SimulatorServer(app, simulator, options.Key);
    }

    /// <summary>Replaces the script by rules that need no seed.</summary>
    public void Play(params IReadOnlyList<ScriptRule> rules) => Script = new Script(rules);

    /// <inheritdoc cref="Simulator.Know"/>
    public void Know(KnownContent content) => _simulator.Know(content);

    /// <inheritdoc cref="Simulator.Deploy"/>
    public void Deploy(Deployment deployment) => _simulator.Deploy(deployment);

    /// <inheritdoc cref="Simulator.Reset"/>
    public void Reset() => _simulator.Reset();

    public async ValueTask DisposeAsync()
    {
        // Already cancelled: calls that hang by script must not hold up the end of a test.
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
