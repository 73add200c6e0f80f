using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Models;

/// <summary>What distinguishes a model on the wire.</summary>
/// <param name="Name">Family name, such as <c>gpt-4o-mini</c>.</param>
/// <param name="Snapshot">As the answer's <c>model</c> names it.</param>
/// <param name="Kind">The one kind of call that it answers.</param>
public sealed record ModelFamily(string Name, string Snapshot, CallKind Kind)
{
    /// <summary>Prompt and answer together, in tokens.</summary>
    public int ContextTokens { get; init; } = int.MaxValue;

    /// <summary>Longest prompt, in tokens.</summary>
    public int MaxInputTokens { get; init; } = int.MaxValue;

    /// <summary>Longest answer, in tokens.</summary>
    public int MaxOutputTokens { get; init; } = int.MaxValue;

    /// <summary>Null for a model that does not reason: it takes all sampling parameters and no <c>reasoning_effort</c>.</summary>
    public ReasoningRules? Reasoning { get; init; }

    /// <summary>How images are counted; null where they are refused.</summary>
    public ImageTokenRule? Images { get; init; }

    /// <summary>The model is offered at <c>service_tier: flex</c> by OpenAI.</summary>
    public bool FlexOnOpenAI { get; init; }

    /// <summary>The model is offered at <c>service_tier: flex</c> by Azure.</summary>
    public bool FlexOnAzure { get; init; }

    /// <summary>Prompts are remembered up to breakpoints, and <c>prompt_cache_options</c> is taken; before gpt-5.6, at every 128 tokens.</summary>
    public bool CacheBreakpoints { get; init; }

    /// <summary>Null for a model that hears nothing.</summary>
    public SpeechRules? Speech { get; init; }

    /// <summary>Null for a model that makes no pictures.</summary>
    public PictureRules? Pictures { get; init; }

    /// <summary>The last day at OpenAI, as <c>GET /v1/models</c> says it; null where none is announced.</summary>
    public DateOnly? ShutsDown => ShutdownDates.Find(Name);

    /// <summary>The first dated api-version that knows the model where both GA versions are older; such models are called through v1.</summary>
    public string? EarliestApiVersion { get; init; }
}
