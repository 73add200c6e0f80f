using Azure.Core;
using AzureOpenAISimulator;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Selection;

namespace MultiModal.Pipeline.Tests.Ai;

/// <summary>The product's engines as a host makes them, set up toward a simulator; backoff without Retry-After is no wait at all.</summary>
internal sealed class Engines : IDisposable
{
    private readonly ServiceProvider services;

    private Engines(Dictionary<string, string?> settings, string token, TimeProvider? clock = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(Logs))
            .AddSingleton<Random>(new NoJitter())
            .AddSingleton<TokenCredential>(new FixedCredential(token))
            .AddSingleton(clock ?? TimeProvider.System)
            .AddEngines(configuration)
            .BuildServiceProvider();
        Set = services.GetRequiredService<EngineSet>();
        Factory = services.GetRequiredService<EngineFactory>();
        Watch = services.GetRequiredService<ModelWatch>();
    }

    public EngineSet Set { get; }

    public EngineFactory Factory { get; }

    public ModelWatch Watch { get; }

    public LogLines Logs { get; } = new();

    public static Engines Azure(
        SimulatorServer simulator, string chat = "gpt-4o", string speech = "whisper", Dictionary<string, string?>? more = null) => new(
        new(more ?? [])
        {
            ["AZURE_OPENAI_ENDPOINT"] = simulator.Endpoint.ToString(),
            ["AZURE_OPENAI_API_KEY"] = more?.GetValueOrDefault("AZURE_OPENAI_API_KEY", simulator.Key) ?? simulator.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = chat,
            ["Ai:Speech:Deployment"] = speech,
        },
        "simulator-token");

    public static Engines AzureByIdentity(SimulatorServer simulator, string chat, string token = "simulator-token") => new(
        new()
        {
            ["AZURE_OPENAI_ENDPOINT"] = simulator.Endpoint.ToString(),
            ["AZURE_OPENAI_DEPLOYMENT"] = chat,
        },
        token);

    public static Engines OpenAI(
        SimulatorServer simulator, string chat = "gpt-4.1-mini", string speech = "whisper-1", Dictionary<string, string?>? more = null) => new(
        new(more ?? [])
        {
            ["OPENAI_BASE_URL"] = new Uri(simulator.Endpoint, "v1").ToString(),
            ["OPENAI_API_KEY"] = simulator.Key,
            ["Ai:Vision:Model"] = chat,
            ["Ai:Text:Model"] = chat,
            ["Ai:Speech:Model"] = speech,
        },
        "unused");

    public static Engines At(Uri address) => new(
        new()
        {
            ["OPENAI_BASE_URL"] = address.ToString(),
            ["Ai:Vision:Model"] = "m",
            ["Ai:Text:Model"] = "m",
            ["Ai:Speech:Model"] = "m",
            ["Ai:MaxAttempts"] = "2",
        },
        "unused");

    /// <summary>Engines with these settings alone, by a clock of the test's own.</summary>
    public static Engines With(TimeProvider clock, params (string Key, string Value)[] settings) =>
        new(settings.ToDictionary(s => s.Key, s => (string?)s.Value), "unused", clock);

    public ModelWatcher Watcher(TimeProvider clock) => ActivatorUtilities.CreateInstance<ModelWatcher>(services, clock);

    public void Dispose() => services.Dispose();

    private sealed class NoJitter : Random
    {
        public override double NextDouble() => 0;
    }

    private sealed class FixedCredential(string token) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            requestContext.Scopes is ["https://cognitiveservices.azure.com/.default"]
                ? new(token, DateTimeOffset.MaxValue)
                : throw new ArgumentException("Wrong scope.", nameof(requestContext));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
