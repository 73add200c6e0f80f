using System.Text.Json;
using System.Text.Json.Serialization;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Caching;

namespace MultiModal.Pipeline.Runs;

/// <summary>Result of a step, before it is timed and recorded.</summary>
public record StepWork
{
    /// <summary>Reason why the step failed or was skipped; null for success.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Number of parts that the next step must process.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>Number of tiles in which the image is sent. Records of version 1.0 have none.</summary>
    public int Tiles { get; init; } = 1;

    /// <summary>What becomes of the wish that speakers are told apart, in the record of a recording that was cut.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SpeakerWish Speakers { get; init; }

    public CacheOutcome Cache { get; init; } = CacheOutcome.None;

    /// <summary>Name of the engine that answered; null for steps without one.</summary>
    public string? Engine { get; init; }

    /// <summary>True if the engine that answered stood in for the first choice of its capability.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsOfFallback { get; init; }

    /// <summary>Requests made by this step in this run; none for a cache hit.</summary>
    public IReadOnlyList<EngineAttempt> Attempts { get; init; } = [];

    /// <summary>Usage of an engine by this step in this run; <see cref="Usage.None"/> for a cache hit.</summary>
    public Usage Usage { get; init; } = Usage.None;

    /// <summary>Usage expected before the call was made; null if there was no call, or a free engine made it.</summary>
    public Usage? Estimate { get; init; }

    /// <summary>Price of <see cref="Estimate"/>, in USD; null if there is no estimate, or the model has no price.</summary>
    public decimal? EstimatedUsd { get; init; }

    /// <summary>Cost of this step in this run, in USD: 0 for a cache hit or a free engine, null if the model has no price.</summary>
    public decimal? CostUsd { get; init; } = 0;

    /// <summary>True where <see cref="CostUsd"/> is by a price that is not published, but taken from another provider's.</summary>
    public bool PriceAssumed { get; init; }

    /// <summary>Original cost of an answer that came from the cache or a shared flight, in USD; null if unknown.</summary>
    public decimal? SavedByCacheUsd { get; init; } = 0;

    /// <summary>Amount that optimising saved on this call, in USD; null if the model has no price.</summary>
    public decimal? SavedByOptimizingUsd { get; init; } = 0;

    /// <summary>Input tokens that the content would have taken without optimising; null if nothing was optimised, or there was no paid call.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? OriginalInputTokens { get; init; }

    /// <summary>Name of the answer in the cache container; null if it is not cached.</summary>
    public string? CacheName { get; init; }

    /// <summary>Output of the step, in a form that the step defines; null unless it succeeded.</summary>
    public JsonElement? Result { get; init; }

    /// <returns>The output; null if the step has none.</returns>
    public T? Read<T>() where T : class => Result?.Deserialize<T>(PipelineJson.Options);

    internal static StepWork Done<T>(T result) where T : notnull =>
        new() { Result = JsonSerializer.SerializeToElement(result, PipelineJson.Options) };

    internal static StepWork Failed(Failure failure) => new() { Failure = failure };

    /// <summary>Creates the result of a step for which the host's configuration has no engine.</summary>
    internal static StepWork Off(string capability, string what) =>
        Failed(new Failure(FailureCodes.EngineOff, $"Ai:{capability}:Engine is Off, so {what} are not looked at."));
}

/// <summary>Whether the transcript of a recording says who speaks.</summary>
public enum SpeakerWish
{
    /// <summary>The batch does not ask for it.</summary>
    None,

    /// <summary>The batch asks for it, and the speech engine can.</summary>
    Granted,

    /// <summary>The batch asks for it, and the speech engine cannot.</summary>
    Unsupported,
}
