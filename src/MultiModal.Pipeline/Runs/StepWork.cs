using System.Text.Json;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Caching;

namespace MultiModal.Pipeline.Runs;

/// <summary>What a step achieved, before it is timed and recorded.</summary>
public record StepWork
{
    /// <summary>Why the step failed or was skipped; null for success.</summary>
    public Failure? Failure { get; init; }

    /// <summary>How many parts the next step has to do.</summary>
    public int Parts { get; init; } = 1;

    public CacheOutcome Cache { get; init; } = CacheOutcome.None;

    /// <summary>Name of the engine that answered; null for steps without one.</summary>
    public string? Engine { get; init; }

    /// <summary>Requests made by this step in this run; none for a hit.</summary>
    public IReadOnlyList<EngineAttempt> Attempts { get; init; } = [];

    /// <summary>What this step used of an engine in this run; <see cref="Usage.None"/> for a hit.</summary>
    public Usage Usage { get; init; } = Usage.None;

    /// <summary>What the call was expected to use before it was made; null where none was made, or by a free engine.</summary>
    public Usage? Estimate { get; init; }

    /// <summary>Price of <see cref="Estimate"/>, in USD; null where there is none, or the model has no price.</summary>
    public decimal? EstimatedUsd { get; init; }

    /// <summary>What this step cost in this run, in USD: 0 for a hit or a free engine, null where the model has no price.</summary>
    public decimal? CostUsd { get; init; } = 0;

    /// <summary>What the answer had cost when it was paid, in USD, where it came from the cache or a shared flight; null where unknown.</summary>
    public decimal? SavedByCacheUsd { get; init; } = 0;

    /// <summary>What optimising saved on this call, in USD; null where the model has no price.</summary>
    public decimal? SavedByOptimizingUsd { get; init; } = 0;

    /// <summary>Where the answer lies in the cache container; null where it is not cached.</summary>
    public string? CacheName { get; init; }

    /// <summary>What the step made, in the shape that the step defines; null unless it succeeded.</summary>
    public JsonElement? Result { get; init; }

    /// <returns>Null where the step made nothing.</returns>
    public T? Read<T>() where T : class => Result?.Deserialize<T>(PipelineJson.Options);

    internal static StepWork Done<T>(T result) where T : notnull => new() { Result = JsonSerializer.SerializeToElement(result, PipelineJson.Options) };

    internal static StepWork Failed(Failure failure) => new() { Failure = failure };

    /// <summary>The host's configuration has no engine for this.</summary>
    internal static StepWork Off(string capability, string what) =>
        Failed(new Failure(FailureCodes.EngineOff, $"Ai:{capability}:Engine is Off, so {what} are not looked at."));
}
