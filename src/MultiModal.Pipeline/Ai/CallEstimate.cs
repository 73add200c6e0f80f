namespace MultiModal.Pipeline.Ai;

/// <summary>What a call will use, told before it is made.</summary>
/// <param name="Least">With the shortest answer.</param>
/// <param name="Expected">What is reserved for it: media by the provider's rule, text counted high, an answer of the usual length.</param>
/// <param name="Most">With the longest answer that is asked for. An engine's own retries come on top.</param>
/// <param name="MediaIsKnown">False where the provider publishes no rule for the media, so that <paramref name="Expected"/> takes the dearest that is published.</param>
public sealed record CallEstimate(Usage Least, Usage Expected, Usage Most, bool MediaIsKnown = true)
{
    /// <summary>Of an engine that costs nothing.</summary>
    public static CallEstimate Nothing { get; } = new(Usage.None, Usage.None, Usage.None);

    /// <param name="mediaTokens">Counted exactly.</param>
    /// <param name="textTokens">By <see cref="TokenEstimate"/>, which errs high by about a third.</param>
    /// <param name="outputTokens">That are asked for at most.</param>
    /// <param name="usualShare">The usual answer takes one of so many parts of that.</param>
    /// <param name="mediaIsKnown">As the record's.</param>
    internal static CallEstimate OfChat(int mediaTokens, int textTokens, int outputTokens, int usualShare, bool mediaIsKnown = true) => new(
        new Usage(mediaTokens + (textTokens * 3L / 4), 0, 1),
        new Usage(mediaTokens + textTokens, 0, outputTokens / usualShare),
        new Usage(mediaTokens + textTokens, 0, outputTokens),
        mediaIsKnown);
}

/// <summary>A call that a run would make.</summary>
/// <param name="Estimate">What it would use.</param>
/// <param name="Known">Its answer is in the cache.</param>
internal sealed record PlannedCall(CallEstimate Estimate, bool Known);
