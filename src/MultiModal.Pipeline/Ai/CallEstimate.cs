namespace MultiModal.Pipeline.Ai;

/// <summary>An estimate of what a call will use, made before the call.</summary>
/// <param name="Least">Usage with the shortest answer.</param>
/// <param name="Usual">Usage to count on where many calls are added up: text as English prose has it, an answer of the usual length.</param>
/// <param name="Expected">Usage that is reserved for the call: media by the provider's rule, text counted high, a long answer.</param>
/// <param name="Most">Usage with the longest answer that is asked for. An engine's own retries come on top.</param>
/// <param name="MediaIsKnown">False where the provider publishes no rule for the media. <paramref name="Expected"/> then uses the most expensive
/// published rule.</param>
public sealed record CallEstimate(Usage Least, Usage Usual, Usage Expected, Usage Most, bool MediaIsKnown = true)
{
    /// <summary>The estimate for an engine that costs nothing.</summary>
    public static CallEstimate Nothing { get; } = new(Usage.None, Usage.None, Usage.None, Usage.None);

    /// <param name="mediaTokens">Exact number of media tokens.</param>
    /// <param name="textTokens">Number of text tokens by <see cref="TokenEstimate"/>, which errs high by about a third.</param>
    /// <param name="outputTokens">Largest number of output tokens that is asked for.</param>
    /// <param name="usualTokens">Length of a usual answer.</param>
    /// <param name="reservedShare">Divisor of <paramref name="outputTokens"/> that gives the length of the answer that is reserved.</param>
    /// <param name="mediaIsKnown">Value of <see cref="MediaIsKnown"/>.</param>
    internal static CallEstimate OfChat(
        int mediaTokens, int textTokens, int outputTokens, int usualTokens, int reservedShare, bool mediaIsKnown = true) => new(
        new Usage(mediaTokens + (textTokens * 3L / 4), 0, 1),
        new Usage(mediaTokens + (textTokens * 3L / 4), 0, Math.Min(usualTokens, outputTokens)),
        new Usage(mediaTokens + textTokens, 0, outputTokens / reservedShare),
        new Usage(mediaTokens + textTokens, 0, outputTokens),
        mediaIsKnown);
}

/// <summary>A call that a run would make.</summary>
/// <param name="Estimate">Estimate of its usage.</param>
/// <param name="Known">True if its answer is in the cache.</param>
/// <param name="Fallback">The engine that would be asked if the first does not answer; null for none.</param>
internal sealed record PlannedCall(CallEstimate Estimate, bool Known, FallbackEstimate? Fallback = null)
{
    /// <summary>Whether it would be asked at <c>service_tier: flex</c>, and at the standard tier where there is no capacity.</summary>
    public bool AtFlex { get; init; }
}

/// <summary>What a call to a fallback would use.</summary>
internal sealed record FallbackEstimate(EngineIdentity Engine, CallEstimate Estimate);
