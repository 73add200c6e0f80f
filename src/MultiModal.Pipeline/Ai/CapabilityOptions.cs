namespace MultiModal.Pipeline.Ai;

/// <summary>Which engine answers for one capability: configuration sections <c>Ai:Vision</c>, <c>Ai:Speech</c>, <c>Ai:Text</c>.</summary>
public sealed class CapabilityOptions
{
    /// <summary>Unset: Azure OpenAI if there is an endpoint, else OpenAI if there is a key or a base URL, else offline.</summary>
    public EngineKind? Engine { get; set; }

    /// <summary>
    /// Azure OpenAI: name of the deployment. Default <c>AZURE_OPENAI_DEPLOYMENT</c> for vision and text, else
    /// <c>gpt-4.1-mini</c>; for speech <c>whisper</c>.
    /// </summary>
    public string? Deployment { get; set; }

    /// <summary>OpenAI and compatible servers: name of the model. Default at OpenAI itself <c>gpt-4.1-mini</c>, for speech <c>whisper-1</c>; none elsewhere.</summary>
    public string? Model { get; set; }

    /// <summary>Azure OpenAI: the resource, such as <c>https://mine.openai.azure.com</c>. Default <c>AZURE_OPENAI_ENDPOINT</c>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>OpenAI: where <c>/chat/completions</c> is under. Default <c>OPENAI_BASE_URL</c>, else <c>https://api.openai.com/v1</c>.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>
    /// Default <c>AZURE_OPENAI_API_KEY</c> or <c>OPENAI_API_KEY</c>, but only toward the address that the environment names too: a key
    /// is never sent to a server that it was not given for. Azure OpenAI without a key: Entra ID.
    /// </summary>
    public string? Key { get; set; }

    /// <summary>The model behind a deployment whose name does not tell (<c>gpt-4o</c>, <c>gpt-5</c>, <c>whisper</c>…), as <c>ModelFamilies</c> lists them.</summary>
    public string? ModelFamily { get; set; }

    /// <summary>Context window in tokens, where the server's differs from the model family's (Ollama's <c>num_ctx</c>). 4,096 to 10,000,000.</summary>
    public int? ContextTokens { get; set; }

    /// <summary>Requests in flight for this capability's model in a process, 1 to 1,024. Default <c>Ai:MaxConcurrency</c>. Capabilities that share a model share the lower limit.</summary>
    public int? MaxConcurrency { get; set; }
}
