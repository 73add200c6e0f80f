using System.Collections.Concurrent;
using Azure.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai.Chat;
using MultiModal.Pipeline.Ai.Failover;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Offline;
using MultiModal.Pipeline.Ai.Pictures;
using MultiModal.Pipeline.Ai.Speech;
using MultiModal.Pipeline.Ai.Transport;

namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>Makes the engines that the configuration chose, and lists them.</summary>
public sealed class EngineFactory : IDisposable
{
    private readonly AiOptions options;
    private readonly TimeSpan stepTimeout;
    private readonly ModelFamilies models;
    private readonly TokenCredential credential;
    private readonly TimeProvider clock;
    private readonly IServiceProvider offline;
    private readonly ILogger logger;
    private readonly Random random;
    private readonly HttpClient http;
    private readonly Dictionary<(Uri, string), ProviderThrottle> throttles = [];
    private readonly ConcurrentDictionary<(Uri, string), EngineCircuit> circuits = [];

    /// <param name="options">Options that are completed and validated, as <see cref="EngineRegistration.AddEngines"/> ensures.</param>
    /// <param name="models">How models are asked.</param>
    /// <param name="credential">Credential for Azure OpenAI without a key.</param>
    /// <param name="clock">Clock for timeouts and waits.</param>
    /// <param name="services">Provider of the offline engines, keyed by <see cref="EngineIdentity.Offline"/>.</param>
    /// <param name="logger">Logger of every attempt that fails.</param>
    /// <param name="random">Source of the jitter between attempts.</param>
    /// <param name="pipeline">With the time that a step may take.</param>
    public EngineFactory(
        IOptions<AiOptions> options,
        ModelFamilies models,
        TokenCredential credential,
        TimeProvider clock,
        IServiceProvider services,
        ILogger<EngineFactory> logger,
        Random random,
        IOptions<PipelineOptions> pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(options);
        this.options = options.Value;
        this.models = models;
        this.credential = credential;
        this.clock = clock;
        offline = services;
        this.logger = logger;
        this.random = random;
        stepTimeout = pipeline.Value.StepTimeout;

        // All engines share one pool. A redirect would carry the key to another server; a moved DNS name is followed within minutes.
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The choice for each capability, and after it that of its fallback, if it has one; none for pictures where none are made.</summary>
    public IReadOnlyList<EngineChoice> Choices =>
    [
        .. Enum.GetValues<EngineCapability>()
            .Where(capability => capability != EngineCapability.ImageGeneration || options.ImageGeneration.AsksModel)
            .SelectMany(capability => options[capability].Second is { } second
                ? [Choice(capability, options[capability]), Choice(capability, second) with { IsFallback = true }]
                : new[] { Choice(capability, options[capability]) }),
    ];

    /// <summary>The fallbacks that are asked now in the place of the first choice.</summary>
    public IReadOnlyList<ServingFallback> ServingFallbacks =>
    [
        .. Enum.GetValues<EngineCapability>()
            .Where(capability => options[capability].Second is not null)
            .Select(capability => (capability, Circuit(options[capability]).Outage))
            .Where(pair => pair.Outage is not null)
            .Select(pair => ServingFallback.Of(
                Choice(pair.capability, options[pair.capability]), Choice(pair.capability, options[pair.capability].Second!), pair.Outage!)),
    ];

    public EngineSet Create()
    {
        var (text, synthesisInputTokens) = Text();
        return new EngineSet(Vision(), Speech(), text, synthesisInputTokens) { Pictures = Pictures() };
    }

    /// <summary>Asks the server of a choice for its list of models, which costs nothing.</summary>
    /// <returns>The models with the days on which they end, as the server says them; a failure if it does not answer, or refuses our credentials. No
    /// models if there is no server to ask.</returns>
    public async Task<Outcome<IReadOnlyDictionary<string, DateOnly?>>> ListModelsAsync(EngineChoice choice, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(choice);
        return choice.Address is null
            ? new Dictionary<string, DateOnly?>()
            : await Connect(OptionsOf(choice)).ListModelsAsync($"{choice.Engine}/{choice.Model}", clock, cancellationToken);
    }

    public void Dispose()
    {
        http.Dispose();
        foreach (var throttle in throttles.Values) throttle.Dispose();
    }

    /// <summary>The settings of a choice, completed.</summary>
    internal CapabilityOptions OptionsOf(EngineChoice choice) =>
        choice.IsFallback ? options[choice.Capability].Second! : options[choice.Capability];

    private EngineChoice Choice(EngineCapability capability, CapabilityOptions chosen)
    {
        if (!chosen.AsksModel) return new(capability, Kind(chosen), null, null, null, "none");
        var family = capability switch
        {
            EngineCapability.Speech => SpeechFamilyOf(chosen).Name,
            EngineCapability.ImageGeneration => models.PicturesOf(chosen.KnownAs!).Name,
            _ => ChatFamilyOf(chosen).Name,
        };
        var authentication = chosen.Key is not null ? "key" : chosen.Engine == EngineKind.AzureOpenAI ? "Entra ID" : "none";
        return new(capability, Kind(chosen), Connect(chosen).Address, chosen.Asked!, family, authentication);
    }

    private IVisionEngine? Vision()
    {
        var chosen = options.Vision;
        if (!chosen.AsksModel) return Offline<IVisionEngine>(chosen, EngineCapability.Vision);
        return chosen.Second is { } second
            ? new FallbackVisionEngine(Vision(chosen, Circuit(chosen)), Vision(second), Vision(chosen))
            : Vision(chosen);
    }

    private ModelVisionEngine Vision(CapabilityOptions chosen, EngineCircuit? circuit = null)
    {
        var family = ChatFamilyOf(chosen);
        var identity = Identity(chosen, VisionPrompt.Version, family.KeyedAs);

        // Where nobody chose a model, images are sized as they were for the first default, so that what was made and answered then is found.
        if (chosen.EarlierModels is [.., var first]) family = family with { Sizing = models.ChatOf(first, ModelFamilies.UnknownServiceChat).Sizing };
        return new ModelVisionEngine(identity, family, Chat(chosen, family, identity, circuit), models.RecentImages);
    }

    private (ITextEngine? Engine, int InputTokens) Text()
    {
        var chosen = options.Text;
        if (!chosen.AsksModel) return (Offline<ITextEngine>(chosen, EngineCapability.Text), options.SynthesisInputTokens);
        var family = ChatFamilyOf(chosen);
        ITextEngine engine = chosen.Second is { } second
            ? new FallbackTextEngine(Text(chosen, Circuit(chosen)), Text(second), Text(chosen))
            : Text(chosen);

        // A fifth is kept for names and JSON escapes, which the grouping of inputs does not count.
        var room = (family.ContextTokens - family.OutputTokens - SynthesisPrompt.OverheadTokens) * 4 / 5;
        return (engine, Math.Max(1, Math.Min(options.SynthesisInputTokens, room)));
    }

    private ModelTextEngine Text(CapabilityOptions chosen, EngineCircuit? circuit = null)
    {
        var family = ChatFamilyOf(chosen);
        var identity = Identity(chosen, SynthesisPrompt.Version, family.KeyedAs);
        return new ModelTextEngine(identity, family, Chat(chosen, family, identity, circuit));
    }

    private ISpeechEngine? Speech()
    {
        var chosen = options.Speech;
        if (!chosen.AsksModel) return Offline<ISpeechEngine>(chosen, EngineCapability.Speech);
        return chosen.Second is { } second
            ? new FallbackSpeechEngine(Speech(chosen, Circuit(chosen)), Speech(second), Speech(chosen))
            : Speech(chosen);
    }

    private ModelSpeechEngine Speech(CapabilityOptions chosen, EngineCircuit? circuit = null)
    {
        var family = SpeechFamilyOf(chosen);
        var identity = Identity(chosen, ModelSpeechEngine.VersionOf(family), family.KeyedAs);
        if (ModelSpeechEngine.EarlierVersionOf(family) is { } earlier)
        {
            identity = identity with
            {
                Earlier = [new(identity.Provider, identity.Model, $"{earlier} {family.KeyedAs}", identity.PricedAs), .. identity.Earlier],
            };
        }

        var connection = Connect(chosen);
        var clients = connection.AudioClients(family.Path, identity.Model);
        return new ModelSpeechEngine(identity, family, clients, Retry(connection, identity, circuit), clock);
    }

    private ModelPictureEngine? Pictures()
    {
        var chosen = options.ImageGeneration;
        if (!chosen.AsksModel) return null;
        var family = models.PicturesOf(chosen.KnownAs!);
        var identity = Identity(chosen, $"{ModelPictureEngine.Version} {chosen.Format}", family.KeyedAs);
        var connection = Connect(chosen);
        var client = connection.Client(family.Path).GetImageClient(identity.Model);
        return new ModelPictureEngine(identity, family, chosen.Format, client, Retry(connection, identity, circuit: null, repeatsBilled: false), clock);
    }

    private TEngine? Offline<TEngine>(CapabilityOptions chosen, EngineCapability capability) where TEngine : class =>
        Kind(chosen) == EngineKind.Off
            ? null
            : offline.GetKeyedService<TEngine>(Kind(chosen) == EngineKind.Whisper ? WhisperSpeechEngine.Name : EngineIdentity.Offline)
                ?? throw new InvalidOperationException(
                    $"This host has no offline engine for Ai:{capability}. Set Ai:{capability}:Engine to AzureOpenAI, OpenAI or Off.");

    private StructuredChat Chat(CapabilityOptions chosen, ChatFamily family, EngineIdentity identity, EngineCircuit? circuit)
    {
        var connection = Connect(chosen);
        var client = connection.Client(family.Path).GetChatClient(identity.Model);
        return new(identity.Name, identity.Model, family, client, Retry(connection, identity, circuit), clock);
    }

    private ProviderRetry Retry(ProviderConnection connection, EngineIdentity identity, EngineCircuit? circuit, bool repeatsBilled = true)
    {
        var key = (connection.Address, identity.Model);
        if (!throttles.TryGetValue(key, out var throttle)) throttles[key] = throttle = new ProviderThrottle(LowestLimit(key), clock);
        return new ProviderRetry(identity.Name, options, throttle, clock, random, logger, circuit)
        {
            RepeatsBilled = repeatsBilled,
            LongestFlex = stepTimeout / 2,
        };
    }

    /// <summary>The circuit breaker before a model, one for all capabilities that have a fallback for it.</summary>
    private EngineCircuit Circuit(CapabilityOptions chosen) => circuits.GetOrAdd(
        (Connect(chosen).Address, chosen.Asked!),
        _ => new EngineCircuit($"{Kind(chosen)}/{chosen.Asked}", TimeSpan.FromSeconds(options.FallbackPauseSeconds), clock, logger));

    private int LowestLimit((Uri Address, string Model) key) => Enum.GetValues<EngineCapability>()
        .SelectMany(capability => new[] { options[capability], options[capability].Second })
        .OfType<CapabilityOptions>()
        .Where(chosen => chosen.AsksModel && (Connect(chosen).Address, chosen.Asked) == key)
        .Min(options.MaxConcurrencyOf);

    private ProviderConnection Connect(CapabilityOptions chosen) => chosen.Engine == EngineKind.AzureOpenAI
        ? ProviderConnection.ToAzure(new Uri(chosen.Endpoint!), chosen.Key, credential, http, clock)
        : ProviderConnection.ToCompatible(new Uri(chosen.BaseUrl!), chosen.Key, http, clock);

    private EngineIdentity Identity(CapabilityOptions chosen, string promptVersion, string keyedAs)
    {
        return Of(chosen.Asked!, keyedAs, PricedAs(chosen)) with
        {
            Earlier = [.. chosen.EarlierModels.Select(model => Of(model, KeyedAs(model), model))],
        };

        EngineIdentity Of(string model, string family, string pricedAs) => new(Kind(chosen).ToString(), model, $"{promptVersion} {family}", pricedAs);

        string KeyedAs(string model) => chosen == options.Speech
            ? models.SpeechOf(model).KeyedAs
            : models.ChatOf(model, ModelFamilies.UnknownServiceChat).KeyedAs;
    }

    /// <summary>The model behind a deployment. Another server's prices are set by its operator, under a name that no service's price has.</summary>
    private static string PricedAs(CapabilityOptions chosen) =>
        chosen.Engine == EngineKind.AzureOpenAI || AiEnvironment.IsOpenAIItself(chosen.BaseUrl)
            ? chosen.KnownAs!
            : $"compatible/{chosen.Asked!}";

    private ChatFamily ChatFamilyOf(CapabilityOptions chosen)
    {
        var azure = chosen.Engine == EngineKind.AzureOpenAI;
        var service = azure || AiEnvironment.IsOpenAIItself(chosen.BaseUrl);
        var family = models.ChatOf(chosen.KnownAs!, service ? ModelFamilies.UnknownServiceChat : ModelFamilies.CompatibleChat);
        var context = chosen.ContextTokens ?? family.ContextTokens;

        // A small window is divided: an answer may take a quarter of it. Azure has no way not to write into its cache ("Prompt caching"), and the
        // version of its API on the older path knows no key.
        return family with
        {
            ContextTokens = context,
            OutputTokens = Math.Min(family.OutputTokens, context / 4),
            MaxOutputTokens = Math.Min(family.MaxOutputTokens, context / 4),
            Caching = !service || (azure && family.Path == AzurePath.Deployments) ? PromptCacheTerms.Unknown
                : azure && family.Caching == PromptCacheTerms.PaidWrites ? PromptCacheTerms.Keyed
                : family.Caching,
            Flex = !service || !family.FlexAt.Contains(Kind(chosen)) ? FlexUse.Never
                : options.ServiceTier == ServiceTier.Flex ? FlexUse.Always
                : FlexUse.OnRequest,
        };
    }

    private SpeechFamily SpeechFamilyOf(CapabilityOptions chosen) => models.SpeechOf(chosen.KnownAs!);

    private static EngineKind Kind(CapabilityOptions chosen) => chosen.Engine ?? EngineKind.Offline;
}
