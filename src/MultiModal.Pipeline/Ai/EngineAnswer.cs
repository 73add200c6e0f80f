namespace MultiModal.Pipeline.Ai;

/// <summary>An engine's last word on a request: what it answered or why it did not, and what that took.</summary>
/// <param name="Outcome">The answer, or the failure after the engine's own retries.</param>
/// <param name="Usage">Sum over all attempts that reported usage.</param>
/// <param name="Attempts">In order; never empty, except where the engine refused before asking anybody.</param>
public sealed record EngineAnswer<T>(Outcome<T> Outcome, Usage Usage, IReadOnlyList<EngineAttempt> Attempts) where T : notnull
{
    /// <summary>Refused before anybody was asked.</summary>
    public EngineAnswer(Failure refusal) : this(refusal, Usage.None, [])
    {
    }
}
