using MultiModal.Pipeline.Ai;

namespace MultiModal.Pipeline.Caching;

/// <summary>An answer and what it had cost when it was made.</summary>
/// <param name="Value">The answer.</param>
/// <param name="Engine">Name of the engine that gave it; null where none is involved.</param>
/// <param name="Usage">What making it used, all attempts together.</param>
/// <param name="CostUsd">What making it cost, in USD; null where the model has no price.</param>
/// <param name="CreatedAt">When.</param>
public sealed record CachedAnswer<T>(T Value, string? Engine, Usage Usage, decimal? CostUsd, DateTimeOffset CreatedAt) where T : notnull;

/// <summary>Where an answer came from.</summary>
public enum CacheOutcome
{
    /// <summary>The step is not cached.</summary>
    None,

    /// <summary>It was in the cache.</summary>
    Hit,

    /// <summary>It was made, and is in the cache now.</summary>
    Miss,

    /// <summary>Another caller was making it at the same moment; it was waited for.</summary>
    Shared,
}
