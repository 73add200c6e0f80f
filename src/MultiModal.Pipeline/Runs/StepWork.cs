using System.Text.Json;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Caching;

namespace MultiModal.Pipeline.Runs;

/// <summary>What the body of a step came to, before it is timed and recorded.</summary>
internal sealed record StepWork
{
    public Failure? Failure { get; init; }

    public JsonElement? Result { get; init; }

    public int Parts { get; init; } = 1;

    public CacheOutcome Cache { get; init; }

    public string? Engine { get; init; }

    public IReadOnlyList<EngineAttempt> Attempts { get; init; } = [];

    public Usage Usage { get; init; } = Usage.None;

    public Usage? Estimate { get; init; }

    public decimal? EstimatedUsd { get; init; }

    public decimal? CostUsd { get; init; } = 0;

    public decimal? SavedByOptimizingUsd { get; init; } = 0;

    public decimal? SavedByCacheUsd { get; init; } = 0;

    public string? CacheName { get; init; }

    public static StepWork Failed(Failure failure) => new() { Failure = failure };

    /// <summary>The host's configuration has no engine for this.</summary>
    public static StepWork Off(string capability, string what) =>
        Failed(new Failure(FailureCodes.EngineOff, $"Ai:{capability}:Engine is Off: {what} are not looked at."));

    /// <summary>What a step that did not fail made.</summary>
    public T Read<T>() where T : notnull => Result!.Value.Deserialize<T>(PipelineJson.Options)!;

    public static StepWork Done<T>(T result) where T : notnull => new() { Result = JsonSerializer.SerializeToElement(result, PipelineJson.Options) };
}
