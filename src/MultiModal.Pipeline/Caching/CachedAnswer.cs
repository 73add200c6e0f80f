using MultiModal.Pipeline.Ai;

namespace MultiModal.Pipeline.Caching;

/// <summary>An answer and the cost of making it.</summary>
/// <param name="Value">The answer.</param>
/// <param name="Engine">Name of the engine that gave it; null where no engine is involved.</param>
/// <param name="Usage">Usage for making it, over all attempts.</param>
/// <param name="CostUsd">Cost of making it, in USD; null where the model has no price.</param>
/// <param name="CreatedAt">Time when it was made.</param>
public sealed record CachedAnswer<T>(T Value, string? Engine, Usage Usage, decimal? CostUsd, DateTimeOffset CreatedAt) where T : notnull;

/// <summary>A file that belongs to an answer.</summary>
/// <param name="Name">Its name in the cache (<see cref="ContentCache.FileName"/>).</param>
/// <param name="Content">The file.</param>
/// <param name="MediaType">Its media type.</param>
public sealed record CacheFile(string Name, BinaryData Content, string MediaType);

/// <summary>The origin of an answer.</summary>
public enum CacheOutcome
{
    /// <summary>The step is not cached.</summary>
    None,

    /// <summary>The answer was in the cache.</summary>
    Hit,

    /// <summary>The answer was made by this call, and is in the cache now.</summary>
    Miss,

    /// <summary>Another caller was making the answer at the same moment, and this call waited for it.</summary>
    Shared,
}
