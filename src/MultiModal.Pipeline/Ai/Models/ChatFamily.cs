using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>The properties of the API that all chat models with the same beginning of the name share.</summary>
/// <param name="Name">Beginning of the model's name.</param>
/// <param name="KeyedAs">What keys of cached answers call the family. It never changes.</param>
/// <param name="Path">Where Azure OpenAI answers for it.</param>
/// <param name="OutputLimit">The parameter that bounds the answer: <c>max_tokens</c> or <c>max_completion_tokens</c>.</param>
/// <param name="OutputTokens">What is usually asked for with it; for reasoning models the reasoning counts too.</param>
/// <param name="MaxOutputTokens">The most that can be asked for with it.</param>
/// <param name="Temperature">False where any but the default is refused.</param>
/// <param name="ReasoningEffort">What is asked for, null where the parameter does not exist.</param>
/// <param name="Format">The strictest answer format that it takes.</param>
/// <param name="ContextTokens">Window, prompt and answer together, in tokens.</param>
/// <param name="Sizing">How images are sized; <see cref="ImageTokenRule.None"/> where it takes none.</param>
/// <param name="Images">How images are counted; null where that is not published.</param>
public sealed record ChatFamily(
    string Name,
    string KeyedAs,
    AzurePath Path,
    string OutputLimit,
    int OutputTokens,
    int MaxOutputTokens,
    bool Temperature,
    string? ReasoningEffort,
    AnswerFormat Format,
    int ContextTokens,
    ImageTokenRule Sizing,
    ImageRule? Images)
{
    /// <summary>What requests can say about the provider's cache of prompts, where the model is asked.</summary>
    public PromptCacheTerms Caching { get; init; } = PromptCacheTerms.Unknown;

    /// <summary>Who offers the model at <c>service_tier: flex</c>.</summary>
    public IReadOnlyList<EngineKind> FlexAt { get; init; } = [];

    /// <summary>When the model is asked at <c>service_tier: flex</c>.</summary>
    public FlexUse Flex { get; init; }
}

/// <summary>When a model is asked at <c>service_tier: flex</c>.</summary>
public enum FlexUse
{
    /// <summary>Never: nobody is known to offer it there.</summary>
    Never,

    /// <summary>For requests that have the patience.</summary>
    OnRequest,

    /// <summary>For all requests.</summary>
    Always,
}

/// <summary>The terms on which a provider caches prompts.</summary>
public enum PromptCacheTerms
{
    /// <summary>The server may refuse whatever is said about it.</summary>
    Unknown,

    /// <summary>Writing costs nothing, or the provider knows no way not to write; a key can be given.</summary>
    Keyed,

    /// <summary>Writing costs more than reading anew, and is asked for by marks (<c>prompt_cache_options</c>).</summary>
    PaidWrites,
}

/// <summary>The ways to tell a chat model which JSON to answer, strictest first.</summary>
public enum AnswerFormat
{
    /// <summary>The schema is in <c>response_format</c>, and the server enforces it.</summary>
    JsonSchema,

    /// <summary>The request has <c>response_format: json_object</c>; the schema is in the prompt.</summary>
    JsonObject,

    /// <summary>The request has no <c>response_format</c>; the schema is in the prompt.</summary>
    Text,
}

/// <summary>The path of an Azure OpenAI resource that serves a model.</summary>
public enum AzurePath
{
    /// <summary>
    /// The path <c>/openai/deployments/{deployment}/…?api-version=2024-10-21</c>, the last GA version that Azure.AI.OpenAI 2.1.0 knows.
    /// </summary>
    Deployments,

    /// <summary>The path <c>/openai/v1/…</c>, without api-version, for all newer models.</summary>
    V1,
}
