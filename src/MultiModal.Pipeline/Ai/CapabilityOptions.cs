namespace MultiModal.Pipeline.Ai;

/// <summary>
/// Configuration sections <c>Ai:Vision</c>, <c>Ai:Speech</c>, <c>Ai:Text</c> and <c>Ai:ImageGeneration</c>: the engine of one capability.
/// </summary>
public class CapabilityOptions
{
    /// <summary>
    /// The kind of engine. If unset, it is Azure OpenAI if there is an endpoint, OpenAI if there is a key or a base URL, and offline otherwise. For
    /// pictures, it is <c>Off</c> unless this section names a deployment, a model or an address.
    /// </summary>
    public EngineKind? Engine { get; set; }

    /// <summary>
    /// Azure OpenAI: name of the deployment. If unset, it is <c>AZURE_OPENAI_DEPLOYMENT</c> for vision and text, or else the one that the catalogue of
    /// models names: <c>gpt-4.1-mini</c>, and <c>whisper</c> for speech. For pictures there is no default.
    /// </summary>
    public string? Deployment { get; set; }

    /// <summary>
    /// OpenAI and compatible servers: name of the model. If unset, it is the one that the catalogue of models names for OpenAI itself:
    /// <c>gpt-5.6-luna</c>, and <c>whisper-1</c> for speech. For pictures, and on other servers, there is no default.
    /// </summary>
    public string? Model { get; set; }

    /// <summary>Azure OpenAI: the resource, such as <c>https://mine.openai.azure.com</c>. If unset, it is <c>AZURE_OPENAI_ENDPOINT</c>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>
    /// OpenAI: the address above <c>/chat/completions</c>. If unset, it is <c>OPENAI_BASE_URL</c> or else <c>https://api.openai.com/v1</c>.
    /// </summary>
    public string? BaseUrl { get; set; }

    /// <summary>
    /// The key. If unset, it is <c>AZURE_OPENAI_API_KEY</c> or <c>OPENAI_API_KEY</c>, but only for the address that the environment names too,
    /// because a key is never sent to a server that it was not given for. Azure OpenAI without a key uses Entra ID.
    /// </summary>
    public string? Key { get; set; }

    /// <summary>The model behind a deployment whose name does not begin with it, such as <c>gpt-4o</c>, <c>gpt-5</c> or <c>whisper</c>.</summary>
    public string? ModelFamily { get; set; }

    /// <summary>Context window in tokens, from 4,096 to 10,000,000, if the server's differs from the model's (Ollama's <c>num_ctx</c>).</summary>
    public int? ContextTokens { get; set; }

    /// <summary>
    /// Requests in flight for this capability's model in a process, from 1 to 1,024. If unset, it is <c>Ai:MaxConcurrency</c>. Capabilities that
    /// share a model share the lower limit.
    /// </summary>
    public int? MaxConcurrency { get; set; }

    /// <summary>The deployment or model that is asked while this one keeps failing.</summary>
    public FallbackOptions Fallback { get; set; } = new();

    /// <summary>The fallback with every choice made; null if there is none.</summary>
    internal CapabilityOptions? Second { get; set; }

    /// <summary>
    /// The models (or deployments) that earlier versions asked where nobody named one, if nobody does. Their answers are looked up before any is paid.
    /// </summary>
    internal IReadOnlyList<string> EarlierModels { get; set; } = [];

    /// <summary>False for engines that run on this machine, and for capabilities that are off.</summary>
    internal bool AsksModel => Engine is EngineKind.AzureOpenAI or EngineKind.OpenAI;

    /// <summary>The address that requests go to. It is null only where no model is asked.</summary>
    internal string? Address => Engine == EngineKind.AzureOpenAI ? Endpoint : BaseUrl;

    /// <summary>The deployment or the model that requests name. It is null only where no model is asked.</summary>
    internal string? Asked => Engine == EngineKind.AzureOpenAI ? Deployment : Model;

    /// <summary>The name under which the catalogue has the model.</summary>
    internal string? KnownAs => string.IsNullOrWhiteSpace(ModelFamily) ? Asked : ModelFamily;
}
