using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;

namespace MultiModal.Pipeline.Tests.Caching;

/// <summary>A whole flight in one call: what a step does around its call of an engine.</summary>
internal static class FlightRuns
{
    /// <param name="flights">Of one process.</param>
    /// <param name="key">The question.</param>
    /// <param name="work">Makes the answer; null for a failure, which is not cached.</param>
    /// <param name="cancellationToken">Ends waiting and work.</param>
    public static async Task<FlightResult<T>> RunAsync<T>(
        this SingleFlight flights, CacheKey key, Func<CancellationToken, Task<CachedAnswer<T>?>> work, CancellationToken cancellationToken)
            where T : notnull
    {
        await using var flight = await flights.BoardAsync<T>(key, BatchName.Parse("holiday"), cancellationToken);
        if (flight.Answer is { } known) return new FlightResult<T>(known, flight.Cache);
        var answer = await work(cancellationToken);
        if (answer is not null) await flight.KeepAsync(answer, cancellationToken);
        return new FlightResult<T>(answer, flight.Cache);
    }
}

/// <param name="Answer">The answer; null where this caller's own work failed.</param>
/// <param name="Cache">Hit, shared or miss.</param>
internal sealed record FlightResult<T>(CachedAnswer<T>? Answer, CacheOutcome Cache) where T : notnull;
