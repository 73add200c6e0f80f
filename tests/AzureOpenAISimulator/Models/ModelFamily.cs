using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Models;

/// <summary>What distinguishes a model on the wire.</summary>
/// <param name="Name">Family name, such as <c>gpt-4o-mini</c>.</param>
/// <param name="Snapshot">As the answer's <c>model</c> names it.</param>
public sealed record ModelFamily(string Name, string Snapshot, CallKind Kind)
{
    /// <summary>Prompt and answer together, in tokens.</summary>
    public int ContextTokens { get; init; } = int.MaxValue;

    /// <summary>Longest answer, in tokens.</summary>
    public int MaxOutputTokens { get; init; } = int.MaxValue;

    /// <summary>Refuses <c>max_tokens</c>, <c>temperature</c> and other sampling parameters, and spends reasoning tokens.</summary>
    public bool Reasoning { get; init; }

    /// <summary>Null where images are refused.</summary>
    public ImageTokenRule? Images { get; init; }

    /// <summary>Speech models: values of <c>response_format</c> that are taken.</summary>
    public IReadOnlyList<string> TranscriptionFormats { get; init; } = [];

    /// <summary>Speech models: longest recording, in seconds.</summary>
    public double MaxAudioSeconds { get; init; } = double.PositiveInfinity;

    /// <summary>Speech models: usage is counted in tokens rather than in seconds.</summary>
    public bool MeteredByTokens { get; init; }

    /// <summary>The first dated api-version that knows the model where both GA versions are older; such models are called through v1.</summary>
    public string? EarliestApiVersion { get; init; }
}
