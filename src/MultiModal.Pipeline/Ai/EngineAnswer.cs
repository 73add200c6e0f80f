namespace MultiModal.Pipeline.Ai;

/// <summary>An engine's final result for a request: the answer or the failure, and what it used.</summary>
/// <param name="Outcome">The answer, or the failure after the engine's own retries.</param>
/// <param name="Usage">Sum over all attempts that reported usage.</param>
/// <param name="Attempts">The attempts in order; empty only where the engine refused before sending anything.</param>
public sealed record EngineAnswer<T>(Outcome<T> Outcome, Usage Usage, IReadOnlyList<EngineAttempt> Attempts) where T : notnull
{
    /// <summary>A failure before any request was sent.</summary>
    public EngineAnswer(Failure refusal) : this(refusal, Usage.None, [])
    {
    }
}

/// <summary>One request to an engine (or one run of an offline program).</summary>
/// <param name="StartedAt">Time when it was sent.</param>
/// <param name="DurationMs">Time until the answer was complete or the attempt was given up, in milliseconds.</param>
/// <param name="Status">HTTP status, exit code of a program, or null where there was no answer at all.</param>
/// <param name="Code">Null for success; otherwise one of <see cref="FailureCodes"/>.</param>
/// <param name="Usage">Usage as the provider reports it for this attempt; null where it reported none.</param>
/// <param name="MayBeBilled">True if the request was sent and no usage came back, because the answer was lost or did not contain any. Its price is
/// not known.</param>
public sealed record EngineAttempt(
    DateTimeOffset StartedAt, long DurationMs, int? Status, string? Code, Usage? Usage = null, bool MayBeBilled = false);
