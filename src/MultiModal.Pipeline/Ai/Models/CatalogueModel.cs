using System.Text.Json.Serialization;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>A row of the catalogue. What is unknown is null.</summary>
/// <param name="Name">The model's name, or the beginning of it.</param>
/// <param name="Capability">What it is asked for.</param>
/// <param name="Released">Day of the first version.</param>
/// <param name="KeyedAs">
/// How keys of cached answers name the family. It never changes, because an answer that was paid under it would not be found again. For models that
/// earlier versions did not know it is what those versions took them for. Null in a file of the host's: then it is what the built-in catalogue takes
/// the model for.
/// </param>
/// <param name="OpenAI">Terms of OpenAI; null where it does not offer the model.</param>
/// <param name="Azure">Terms of Azure OpenAI; null where it does not offer the model.</param>
/// <param name="Chat">Null where the model does not chat.</param>
/// <param name="Transcription">Null where the model does not transcribe.</param>
/// <param name="Prices">One for each day on which the price changed.</param>
/// <param name="Source">Key of the source of what has none of its own.</param>
/// <param name="Pictures">Null where the model makes no pictures, or nothing is known of what they use.</param>
public sealed record CatalogueModel(
    string Name,
    ModelCapability Capability,
    DateOnly? Released,
    string? KeyedAs,
    OpenAITerms? OpenAI,
    AzureTerms? Azure,
    ChatTerms? Chat,
    TranscriptionTerms? Transcription,
    IReadOnlyList<CataloguePrice> Prices,
    string Source,
    PictureTerms? Pictures = null)
{
    /// <summary>The day on which the catalogue that has the row was brought up to date.</summary>
    [JsonIgnore]
    public DateOnly ReadOn { get; init; }
}

/// <summary>What a model is asked for.</summary>
public enum ModelCapability
{
    /// <summary>Looking at images and writing.</summary>
    Chat,

    /// <summary>Writing down what is said.</summary>
    Transcription,

    /// <summary>Making pictures.</summary>
    ImageGeneration,
}

/// <param name="Deprecated">Day on which the end was announced.</param>
/// <param name="Retired">First day on which it does not answer.</param>
/// <param name="Successor">The model to use instead.</param>
/// <param name="Source">Key of the source.</param>
public sealed record OpenAITerms(DateOnly? Deprecated, DateOnly? Retired, string? Successor, string Source);

/// <param name="Path">Where requests for it go.</param>
/// <param name="Versions">The oldest first; empty where none is known.</param>
/// <param name="Successor">The model to deploy instead.</param>
/// <param name="Source">Key of the source.</param>
public sealed record AzureTerms(AzurePath Path, IReadOnlyList<AzureVersion> Versions, string? Successor, string Source);

/// <param name="Version">As the deployment names it.</param>
/// <param name="Deprecated">First day on which new customers cannot deploy it.</param>
/// <param name="Retired">First day on which it does not answer.</param>
public sealed record AzureVersion(string Version, DateOnly? Deprecated, DateOnly? Retired);

/// <param name="LimitParameter"><c>max_tokens</c> or <c>max_completion_tokens</c>.</param>
/// <param name="AnswerTokens">What is asked for with it.</param>
/// <param name="Temperature">Whether it may be sent.</param>
/// <param name="Efforts">Values of <c>reasoning_effort</c> that are taken; null where it is not known, or not to be sent.</param>
/// <param name="Effort">The value that is sent: the least; null for none.</param>
/// <param name="Format">The strictest answer format that it takes.</param>
/// <param name="ContextTokens">Prompt and answer together.</param>
/// <param name="MaxInputTokens">The longest prompt.</param>
/// <param name="MaxOutputTokens">The longest answer.</param>
/// <param name="CacheBreakpoints">Whether <c>prompt_cache_options</c> and breakpoints are taken; null where it is not known.</param>
/// <param name="Sizing">How images are sized for it. It is a part of cache keys, and never changes. Null as <c>KeyedAs</c> is.</param>
/// <param name="Images">How images are counted; null where that is not published, or images are refused.</param>
/// <param name="Flex">Who offers the model at <c>service_tier: flex</c>; null, or left out, where nobody is known to.</param>
public sealed record ChatTerms(
    string LimitParameter,
    int AnswerTokens,
    bool Temperature,
    IReadOnlyList<string>? Efforts,
    string? Effort,
    AnswerFormat Format,
    int ContextTokens,
    int? MaxInputTokens,
    int? MaxOutputTokens,
    bool? CacheBreakpoints,
    ImageTokenRule? Sizing,
    ImageRule? Images,
    IReadOnlyList<EngineKind>? Flex = null);

/// <param name="Formats">Values of <c>response_format</c> that are taken.</param>
/// <param name="Format">The value that is sent.</param>
/// <param name="Timestamps">What it can time: <c>segment</c>, <c>word</c>.</param>
/// <param name="Speakers">Whether it tells speakers apart.</param>
/// <param name="Prompt">Whether <c>prompt</c> is taken.</param>
/// <param name="Keywords">Whether <c>keywords[]</c> is taken.</param>
/// <param name="Languages">The field that names the language: <c>language</c> or <c>languages[]</c>.</param>
/// <param name="ChunkingStrategy">Sent where the model wants to be told how to cut what is longer than 30 s.</param>
/// <param name="MaxBytes">Of a request.</param>
/// <param name="MaxSeconds">The longest piece that is sent; null where only bytes are limited.</param>
/// <param name="BilledBySeconds">Billed by duration rather than by token.</param>
/// <param name="MediaTypes">What it decodes itself; null for what OpenAI's API takes. All models take <c>audio/wav</c>.</param>
public sealed record TranscriptionTerms(
    IReadOnlyList<string> Formats,
    string Format,
    IReadOnlyList<string> Timestamps,
    bool Speakers,
    bool Prompt,
    bool Keywords,
    string Languages,
    string? ChunkingStrategy,
    long MaxBytes,
    double? MaxSeconds,
    bool BilledBySeconds,
    IReadOnlyList<string>? MediaTypes = null);

/// <param name="SquareTokens">Output tokens of a picture of 1,024 x 1,024 pixels, by quality; qualities of which nothing is known are left out.</param>
/// <param name="Source">Key of the source.</param>
public sealed record PictureTerms(IReadOnlyDictionary<string, int> SquareTokens, string Source);

/// <summary>USD for 1,000,000 tokens, or for a minute, from a day on.</summary>
/// <param name="Provider">Who asks it; null for both.</param>
/// <param name="From">First day, UTC; null for any day before.</param>
/// <param name="Input">Input tokens.</param>
/// <param name="Cached">Input tokens that the provider had in its own cache.</param>
/// <param name="CacheWrite">Input tokens that it puts there.</param>
/// <param name="AudioInput">Input tokens of audio.</param>
/// <param name="Output">Output tokens.</param>
/// <param name="Minute">A minute of audio.</param>
/// <param name="ImageInput">Input tokens of pictures, of models that make pictures. The three of them are null in a file that leaves them out.</param>
/// <param name="CachedImageInput">Those that the provider had in its own cache.</param>
/// <param name="ImageOutput">Output tokens of pictures.</param>
/// <param name="Batch">Share of these prices that a batch costs; null where there is none.</param>
/// <param name="Flex">Share of these prices that <c>service_tier: flex</c> costs; null where there is none.</param>
/// <param name="Priority">Share of these prices that <c>service_tier: priority</c> (or <c>fast</c>) costs; null where it is not known.</param>
/// <param name="LongPrompt">What a long prompt costs more; null where it costs the same, or is refused.</param>
/// <param name="Source">Key of the source.</param>
public sealed record CataloguePrice(
    EngineKind? Provider,
    DateOnly? From,
    decimal? Input,
    decimal? Cached,
    decimal? CacheWrite,
    decimal? AudioInput,
    decimal? Output,
    decimal? Minute,
    decimal? ImageInput,
    decimal? CachedImageInput,
    decimal? ImageOutput,
    decimal? Batch,
    decimal? Flex,
    decimal? Priority,
    LongPromptPrice? LongPrompt,
    string Source);

/// <param name="Past">Input tokens up to which the usual prices hold.</param>
/// <param name="Input">Factor of all input, cached or not.</param>
/// <param name="Output">Factor of all output.</param>
public sealed record LongPromptPrice(long Past, decimal Input, decimal Output);

/// <summary>The models that are asked where the host names none.</summary>
/// <param name="OpenAI">At OpenAI.</param>
/// <param name="Azure">Names of deployments in a resource of Azure OpenAI.</param>
public sealed record CatalogueDefaults(DefaultModels OpenAI, DefaultModels Azure);

/// <summary>The first is asked. The others were asked by earlier versions, and what they answered is looked up before anything is paid anew.</summary>
/// <param name="Chat">For images and for the synthesis.</param>
/// <param name="Transcription">For recordings.</param>
public sealed record DefaultModels(IReadOnlyList<string> Chat, IReadOnlyList<string> Transcription);

/// <param name="Text">Page or file.</param>
/// <param name="ReadOn">When it was read.</param>
public sealed record CatalogueSource(string Text, DateOnly ReadOn);
