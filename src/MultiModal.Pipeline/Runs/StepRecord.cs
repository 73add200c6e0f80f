using System.Text.Json;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Caching;

namespace MultiModal.Pipeline.Runs;

/// <summary>
/// What a step of a run did, as it lies in <c>state/{batch}/{runSeq}/…</c>: the report is made of these, live progress is read
/// from them, and a resumed run takes them for done.
/// </summary>
public sealed record StepRecord
{
    public required string Step { get; init; }

    public required int Part { get; init; }

    public required StepStatus Status { get; init; }

    public Failure? Failure { get; init; }

    /// <summary>How many parts the next step has to do.</summary>
    public int Parts { get; init; } = 1;

    public CacheOutcome Cache { get; init; } = CacheOutcome.None;

    /// <summary>Name of the engine that answered; null for steps without one.</summary>
    public string? Engine { get; init; }

    /// <summary>Requests made by this step in this run; none for a hit.</summary>
    public IReadOnlyList<EngineAttempt> Attempts { get; init; } = [];

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Milliseconds, waiting for a shared flight and for an engine slot included.</summary>
    public required long DurationMs { get; init; }

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

    public StepResult ToResult() => new(Status, Failure?.Code, Parts);
}

/// <summary>One step done of a run under way.</summary>
/// <param name="Index">Of the item in the inventory.</param>
/// <param name="Part">Which part of the item.</param>
/// <param name="Step">One of <see cref="StepNames"/>.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Code">Of the failure, null for success.</param>
/// <param name="Parts">How many parts the next step has to do.</param>
public sealed record StepProgress(int Index, int Part, string Step, StepStatus Status, string? Code, int Parts);

/// <summary>That a step of a batch made or used an entry of the cache.</summary>
/// <param name="BatchKey">The batch, by its <see cref="Batches.BatchName.Key"/>.</param>
/// <param name="CacheName">Where the entry lies in the cache container.</param>
public sealed record CacheUse(string BatchKey, string CacheName);
