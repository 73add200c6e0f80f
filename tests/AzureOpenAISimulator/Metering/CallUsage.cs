namespace AzureOpenAISimulator.Metering;

/// <summary>What a call used. Tokens and seconds are of what was really received and answered.</summary>
/// <param name="ImageTokens">Part of <paramref name="InputTokens"/>.</param>
/// <param name="AudioTokens">Part of <paramref name="InputTokens"/>; token-metered speech models only.</param>
/// <param name="ReasoningTokens">Part of <paramref name="OutputTokens"/>.</param>
/// <param name="AudioSeconds">Billed seconds; models metered by duration only.</param>
public sealed record CallUsage(
    int InputTokens, int OutputTokens, int ImageTokens = 0, int AudioTokens = 0, int ReasoningTokens = 0, int AudioSeconds = 0)
{
    /// <summary>Part of <see cref="InputTokens"/>: read from the prompt cache.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Part of <see cref="InputTokens"/>, and none of <see cref="CachedTokens"/>: written to the prompt cache.</summary>
    public int CacheWriteTokens { get; init; }

    /// <summary>Part of <see cref="OutputTokens"/>: of pictures that were made.</summary>
    public int ImageOutputTokens { get; init; }
}
