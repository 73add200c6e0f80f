namespace MultiModal.Pipeline.Caching;

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
