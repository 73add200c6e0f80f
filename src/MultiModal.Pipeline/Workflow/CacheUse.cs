namespace MultiModal.Pipeline.Workflow;

/// <summary>That a step of a batch made or used an entry of the cache.</summary>
/// <param name="BatchKey">The batch, by its <see cref="Batches.BatchName.Key"/>.</param>
/// <param name="CacheName">Where the entry lies in the cache container.</param>
public sealed record CacheUse(string BatchKey, string CacheName);
