using System.Text.Json;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Costs;

namespace MultiModal.Pipeline.Workflow;

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

    public decimal? CostUsd { get; init; } = 0;

    public decimal? SavedByCacheUsd { get; init; } = 0;

    public string? CacheName { get; init; }

    public static StepWork Failed(Failure failure) => new() { Failure = failure };

    /// <summary>The host's configuration has no engine for this.</summary>
    public static StepWork Off(string capability, string what) =>
        Failed(new Failure(FailureCodes.EngineOff, $"Ai:{capability}:Engine is Off: {what} are not looked at."));

    public static StepWork Of<T>(T result) where T : notnull => new() { Result = JsonSerializer.SerializeToElement(result, PipelineJson.Options) };

    /// <summary>Asks an engine under single flight: paid once for each key, whoever asks.</summary>
    public static async Task<StepWork> Ask<T>(
        SingleFlight flights,
        CacheKey key,
        EngineIdentity engine,
        TimeProvider time,
        Func<CancellationToken, Task<EngineAnswer<T>>> ask,
        CancellationToken cancellationToken) where T : notnull
    {
        EngineAnswer<T>? asked = null;
        var flight = await flights.Run(
            key,
            async token =>
            {
                asked = await ask(token);
                return asked.Outcome.Succeeded
                    ? new CachedAnswer<T>(asked.Outcome.Value, engine.Name, asked.Usage, Pricing.PriceOf(engine, asked.Usage), time.GetUtcNow())
                    : null;
            },
            cancellationToken);

        var work = flight.Answer is { } answer ? Of(answer.Value) with { CacheName = key.Name } : Failed(asked!.Outcome.Failure!);
        work = work with { Engine = engine.Name, Cache = flight.Cache };
        return asked is null
            ? work with { SavedByCacheUsd = flight.Answer!.CostUsd }
            : work with { Attempts = asked.Attempts, Usage = asked.Usage, CostUsd = Pricing.PriceOf(engine, asked.Usage) };
    }
}
