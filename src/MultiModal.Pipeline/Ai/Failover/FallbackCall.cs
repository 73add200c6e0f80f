namespace MultiModal.Pipeline.Ai.Failover;

/// <summary>
/// A request to the first engine of a capability, and to its fallback where the first cannot serve. What the first refuses for its content is
/// refused: another model is no way around that.
/// </summary>
internal static class FallbackCall
{
    /// <param name="first">Asks the first engine, unless its circuit is open.</param>
    /// <param name="fallback">Asks the fallback.</param>
    /// <param name="insist">
    /// Asks the first engine all the same. That is the last resort where the fallback cannot serve either, so that nothing fails of which nobody
    /// knows whether the first engine would answer.
    /// </param>
    public static async Task<EngineAnswer<T>> AskAsync<T>(
        Func<Task<EngineAnswer<T>>> first, Func<Task<EngineAnswer<T>>> fallback, Func<Task<EngineAnswer<T>>> insist) where T : notnull
    {
        var one = await first();
        if (one.Standing == EngineStanding.Answers) return one;
        var other = (await fallback()) with { IsOfFallback = true };
        if (Serves(other)) return Asked(one) ? other with { Other = one } : other;
        if (!Asked(one)) one = await insist();
        if (!Asked(other)) return one;
        return one.Outcome.Failure is { } failure
            ? one with { Other = other, Outcome = failure with { Message = $"{failure.Message} {other.Outcome.Failure!.Message}" } }
            : one with { Other = other };
    }

    /// <summary>Whether an answer counts. An engine that refuses before it is asked (a recording that is too long for it) cannot stand in.</summary>
    private static bool Serves<T>(EngineAnswer<T> answer) where T : notnull =>
        answer.Outcome.Succeeded || (answer.Standing == EngineStanding.Answers && Asked(answer));

    private static bool Asked<T>(EngineAnswer<T> answer) where T : notnull => answer.Attempts.Count > 0;
}
