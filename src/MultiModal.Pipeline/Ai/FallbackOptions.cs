namespace MultiModal.Pipeline.Ai;

/// <summary>
/// Configuration sections <c>Ai:Vision:Fallback</c>, <c>Ai:Speech:Fallback</c> and <c>Ai:Text:Fallback</c>: the deployment or model that is asked
/// while the first one of the capability keeps failing.
/// </summary>
public sealed class FallbackOptions
{
    /// <summary>
    /// The kind of the fallback: <c>AzureOpenAI</c> or <c>OpenAI</c>. If unset, it is Azure OpenAI if there is a fallback's <c>Endpoint</c> or
    /// <c>Deployment</c>, and OpenAI if there is a <c>BaseUrl</c> or a <c>Model</c>.
    /// </summary>
    public EngineKind? Engine { get; set; }

    /// <summary>Azure OpenAI: name of the deployment that stands in. If unset, it is the capability's own.</summary>
    public string? Deployment { get; set; }

    /// <summary>OpenAI and compatible servers: name of the model that stands in. If unset, it is the capability's own.</summary>
    public string? Model { get; set; }

    /// <summary>Azure OpenAI: the resource of the fallback. If unset, it is the capability's own, or else <c>AZURE_OPENAI_ENDPOINT</c>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>
    /// OpenAI: the address of the fallback, above <c>/chat/completions</c>. If unset, it is the capability's own, or else as without a fallback.
    /// </summary>
    public string? BaseUrl { get; set; }

    /// <summary>
    /// The key of the fallback. If unset, it is the capability's own where the address is the same, and otherwise as without a fallback.
    /// </summary>
    public string? Key { get; set; }

    /// <summary>The model behind a fallback's deployment whose name does not begin with it. If unset, it goes with the deployment.</summary>
    public string? ModelFamily { get; set; }

    /// <summary>Context window of the fallback in tokens, from 4,096 to 10,000,000, if the server's differs from the model's.</summary>
    public int? ContextTokens { get; set; }

    /// <summary>Requests in flight for the fallback's model in a process, from 1 to 1,024. If unset, it is <c>Ai:MaxConcurrency</c>.</summary>
    public int? MaxConcurrency { get; set; }

    /// <summary>Whether anything is set.</summary>
    internal bool IsSet => Engine is not null || ContextTokens is not null || MaxConcurrency is not null
        || new[] { Deployment, Model, Endpoint, BaseUrl, Key, ModelFamily }.Any(value => !string.IsNullOrWhiteSpace(value));
}
