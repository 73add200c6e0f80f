using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai.Models;

namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>
/// Fills what section <c>Ai</c> leaves unset from the variables that the providers' own tools use, and from the catalogue, which names the models that
/// are asked by default. Afterwards every choice is made.
/// </summary>
internal sealed class AiEnvironment(IConfiguration configuration, CatalogueChoice catalogue) : IPostConfigureOptions<AiOptions>
{
    public const string OpenAIBaseUrl = "https://api.openai.com/v1";

    public void PostConfigure(string? name, AiOptions options)
    {
        foreach (var capability in Enum.GetValues<EngineCapability>())
        {
            Fill(capability, options[capability]);
            options[capability].Second = SecondOf(capability, options[capability]);
        }
    }

    private void Fill(EngineCapability capability, CapabilityOptions options)
    {
        var azureEndpoint = Variable("AZURE_OPENAI_ENDPOINT");
        var baseUrl = Variable("OPENAI_BASE_URL");
        var openAIKey = Variable("OPENAI_API_KEY");
        var speech = capability == EngineCapability.Speech;
        var pictures = capability == EngineCapability.ImageGeneration;

        options.Engine ??= pictures ? OfPictures(options)
            : Given(options.Endpoint) is not null ? EngineKind.AzureOpenAI
            : Given(options.BaseUrl) is not null ? EngineKind.OpenAI
            : azureEndpoint is not null ? EngineKind.AzureOpenAI
            : baseUrl is not null || openAIKey is not null ? EngineKind.OpenAI
            : speech && File.Exists(configuration["Whisper:ModelPath"]) ? EngineKind.Whisper
            : EngineKind.Offline;

        if (options.Engine == EngineKind.AzureOpenAI)
        {
            options.Endpoint = Given(options.Endpoint) ?? azureEndpoint;
            options.Key = Given(options.Key) ?? (SameAddress(options.Endpoint, azureEndpoint) ? Variable("AZURE_OPENAI_API_KEY") : null);
            options.Deployment = Given(options.Deployment) ?? (speech || pictures ? null : Variable("AZURE_OPENAI_DEPLOYMENT"));
            if (options.Deployment is null && !pictures) (options.Deployment, options.EarlierModels) = DefaultOf(capability, catalogue.Defaults.Azure);
        }
        else if (options.Engine == EngineKind.OpenAI)
        {
            var atHome = baseUrl ?? OpenAIBaseUrl;
            options.BaseUrl = Given(options.BaseUrl) ?? atHome;
            options.Key = Given(options.Key) ?? (SameAddress(options.BaseUrl, atHome) ? openAIKey : null);
            options.Model = Given(options.Model);
            if (options.Model is null && !pictures && IsOpenAIItself(options.BaseUrl))
            {
                (options.Model, options.EarlierModels) = DefaultOf(capability, catalogue.Defaults.OpenAI);
            }
        }
    }

    /// <returns>The fallback, filled from the capability's own settings and then from the environment; null where none is set.</returns>
    private CapabilityOptions? SecondOf(EngineCapability capability, CapabilityOptions first)
    {
        var given = first.Fallback;
        if (!given.IsSet) return null;
        var engine = given.Engine
            ?? (Given(given.Endpoint) is not null ? EngineKind.AzureOpenAI
            : Given(given.BaseUrl) is not null ? EngineKind.OpenAI
            : Given(given.Deployment) is not null ? EngineKind.AzureOpenAI
            : Given(given.Model) is not null ? EngineKind.OpenAI
            : first.Engine);
        var own = engine == first.Engine ? first : new CapabilityOptions();
        var asked = Given(engine == EngineKind.AzureOpenAI ? given.Deployment : given.Model);
        var second = new CapabilityOptions
        {
            Engine = engine,
            Deployment = Given(given.Deployment) ?? own.Deployment,
            Model = Given(given.Model) ?? own.Model,
            Endpoint = Given(given.Endpoint) ?? own.Endpoint,
            BaseUrl = Given(given.BaseUrl) ?? own.BaseUrl,
            Key = Given(given.Key),
            ModelFamily = Given(given.ModelFamily) ?? (asked is null ? own.ModelFamily : null),
            ContextTokens = given.ContextTokens,
            MaxConcurrency = given.MaxConcurrency,
        };
        if (SameAddress(second.Address, own.Address)) second.Key ??= own.Key;
        Fill(capability, second);

        // What the fallback of an earlier version answered is nothing that is looked up: there was none.
        second.EarlierModels = [];
        return second;
    }

    public static bool IsOpenAIItself(string? baseUrl) => SameAddress(baseUrl, OpenAIBaseUrl);

    /// <summary>Pictures cost more than all else, so that a key or an endpoint alone never means that they are made.</summary>
    private static EngineKind OfPictures(CapabilityOptions options) =>
        Given(options.Endpoint) is not null || Given(options.Deployment) is not null ? EngineKind.AzureOpenAI
        : Given(options.BaseUrl) is not null || Given(options.Model) is not null ? EngineKind.OpenAI
        : EngineKind.Off;

    private static (string Model, IReadOnlyList<string> Earlier) DefaultOf(EngineCapability capability, DefaultModels defaults)
    {
        var models = capability == EngineCapability.Speech ? defaults.Transcription : defaults.Chat;
        return (models[0], [.. models.Skip(1)]);
    }

    private string? Variable(string name) => Given(configuration[name]);

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    internal static bool SameAddress(string? left, string? right) =>
        string.Equals(left?.TrimEnd('/'), right?.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
}
