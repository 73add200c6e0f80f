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

/// <summary>One request to an engine (or one run of an offline program).</summary>
/// <param name="StartedAt">When it was sent.</param>
/// <param name="DurationMs">Until the answer was whole, or the attempt given up; milliseconds.</param>
/// <param name="Status">HTTP status, exit code of a program, or null where there was no answer at all.</param>
/// <param name="Code">Null for success, else one of <see cref="FailureCodes"/>.</param>
/// <param name="Usage">As the provider reports it for this attempt; null where it reported none.</param>
/// <param name="MayBeBilled">The request was sent and no usage came back: the answer was lost or did not say. Its price is not known.</param>
public sealed record EngineAttempt(DateTimeOffset StartedAt, long DurationMs, int? Status, string? Code, Usage? Usage = null, bool MayBeBilled = false);
