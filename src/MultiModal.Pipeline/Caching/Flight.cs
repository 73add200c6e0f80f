namespace MultiModal.Pipeline.Caching;

/// <summary>How a question was answered: from the cache, by another caller's flight, or by this caller's own work.</summary>
/// <param name="Answer">The answer; null where this caller's own work failed.</param>
/// <param name="Cache">Hit, shared or miss.</param>
public sealed record Flight<T>(CachedAnswer<T>? Answer, CacheOutcome Cache) where T : notnull;
