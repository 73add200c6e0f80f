using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>
/// Fills what section <c>Ai</c> leaves unset from the variables that the providers' own tools use. Afterwards every choice is made.
/// </summary>
internal sealed class AiEnvironment(IConfiguration configuration) : IPostConfigureOptions<AiOptions>
{
    public const string OpenAIBaseUrl = "https://api.openai.com/v1";

    private const string DefaultChatModel = "gpt-4.1-mini";

    public void PostConfigure(string? name, AiOptions options)
    {
        foreach (var capability in Enum.GetValues<EngineCapability>()) Fill(capability, options[capability]);
    }

    private void Fill(EngineCapability capability, CapabilityOptions options)
    {
        var azureEndpoint = Variable("AZURE_OPENAI_ENDPOINT");
        var baseUrl = Variable("OPENAI_BASE_URL");
        var openAIKey = Variable("OPENAI_API_KEY");
        var speech = capability == EngineCapability.Speech;

        options.Engine ??=
            Given(options.Endpoint) is not null ? EngineKind.AzureOpenAI
            : Given(options.BaseUrl) is not null ? EngineKind.OpenAI
            : azureEndpoint is not null ? EngineKind.AzureOpenAI
            : baseUrl is not null || openAIKey is not null ? EngineKind.OpenAI
            : EngineKind.Offline;

        if (options.Engine == EngineKind.AzureOpenAI)
        {
            options.Endpoint = Given(options.Endpoint) ?? azureEndpoint;
            options.Key = Given(options.Key) ?? (SameAddress(options.Endpoint, azureEndpoint) ? Variable("AZURE_OPENAI_API_KEY") : null);
            options.Deployment = Given(options.Deployment) ?? (speech ? "whisper" : Variable("AZURE_OPENAI_DEPLOYMENT") ?? DefaultChatModel);
        }
        else if (options.Engine == EngineKind.OpenAI)
        {
            var atHome = baseUrl ?? OpenAIBaseUrl;
            options.BaseUrl = Given(options.BaseUrl) ?? atHome;
            options.Key = Given(options.Key) ?? (SameAddress(options.BaseUrl, atHome) ? openAIKey : null);
            options.Model = Given(options.Model)
                ?? (!SameAddress(options.BaseUrl, OpenAIBaseUrl) ? null : speech ? "whisper-1" : DefaultChatModel);
        }
    }

    public static bool IsOpenAIItself(string? baseUrl) => SameAddress(baseUrl, OpenAIBaseUrl);

    private string? Variable(string name) => Given(configuration[name]);

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private static bool SameAddress(string? left, string? right) =>
        string.Equals(left?.TrimEnd('/'), right?.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
}
