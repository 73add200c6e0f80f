namespace AzureOpenAISimulator.Caching;

/// <summary>
/// The beginnings of prompts that the service remembers, each for 30 minutes since it was last written or read; safe for concurrent use.
/// (<c>prompt_cache_options.ttl</c> promises 30 minutes at least; the longer life of older models' entries is not played.)
/// </summary>
public sealed class PromptCache
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Deployment, string? Key, PromptBoundary Boundary), DateTimeOffset> _known = [];

    /// <summary>Looks up and writes at once, so that calls at the same time are served one after the other.</summary>
    /// <param name="deployment">Models share nothing.</param>
    /// <param name="key"><c>prompt_cache_key</c>.</param>
    /// <param name="readable">Where in this prompt what was written before may end.</param>
    /// <param name="written">Up to where this prompt is written.</param>
    /// <returns>Tokens of the longest beginning that was known.</returns>
    public int Exchange(
        string deployment, string? key, IEnumerable<PromptBoundary> readable, IEnumerable<PromptBoundary> written, DateTimeOffset now)
    {
        lock (_gate)
        {
            var hit = readable
                .Where(boundary => _known.TryGetValue((deployment, key, boundary), out var until) && until > now)
                .OrderByDescending(boundary => boundary.Tokens)
                .Cast<PromptBoundary?>()
                .FirstOrDefault();
            if (hit is { } read) _known[(deployment, key, read)] = now + Life;
            foreach (var boundary in written) _known[(deployment, key, boundary)] = now + Life;
            return hit?.Tokens ?? 0;
        }
    }

    public void Clear()
    {
        lock (_gate) _known.Clear();
    }
}
