namespace MultiModal.Pipeline.Ai.Providers;

/// <summary>A request with all its attempts.</summary>
internal sealed record ProviderRun<T>(ProviderReply<T> Last, Usage Usage, IReadOnlyList<EngineAttempt> Attempts) where T : notnull
{
    public EngineAnswer<T> Answer => new(Last.Outcome, Usage, Attempts);
}
