using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Billing;

/// <summary>What a model costs from a day on, in USD; tokens by the million, at standard tier.</summary>
/// <param name="Model">Name of its family.</param>
public sealed record Price(string Model)
{
    /// <summary>Past so many input tokens a whole request of some models costs more.</summary>
    public const int ShortContextTokens = 272_000;

    /// <summary>The first day; the least possible where none is known.</summary>
    public DateOnly From { get; init; }

    /// <summary>False where it is OpenAI's alone, true where it is Azure's alone, null where both ask it.</summary>
    public bool? OnAzure { get; init; }

    public decimal Input { get; init; }

    /// <summary>Input that was read from the prompt cache; null where there is no such price.</summary>
    public decimal? Cached { get; init; }

    /// <summary>Input that was written to the prompt cache, in place of the price of input; null where writing costs no more than reading.</summary>
    public decimal? CacheWrite { get; init; }

    public decimal Output { get; init; }

    /// <summary>Pictures among the output.</summary>
    public decimal? ImageOutput { get; init; }

    /// <summary>Audio among the input.</summary>
    public decimal? Audio { get; init; }

    /// <summary>A minute of a recording, for models metered by duration.</summary>
    public decimal? Minute { get; init; }

    /// <summary>Past <see cref="ShortContextTokens"/> of input, input of every kind costs twice and output one and a half times as much.</summary>
    public bool DearerPastShortContext { get; init; }

    /// <summary>Batch and, where the model offers it, flex cost half of everything.</summary>
    public bool HalfForPatience { get; init; }

    /// <summary>Priority, which is also called fast, costs twice as much.</summary>
    public bool TwiceForHaste { get; init; }

    /// <exception cref="InvalidOperationException">Something was used that has no price.</exception>
    public decimal Usd(CallUsage usage, ServiceTier tier)
    {
        if (Minute is { } minute) return usage.AudioSeconds * minute / 60;
        var isLong = DearerPastShortContext && usage.InputTokens > ShortContextTokens;
        var plain = usage.InputTokens - usage.CachedTokens - usage.CacheWriteTokens - usage.AudioTokens;
        var input = plain * Input + usage.CachedTokens * Known(Cached, usage.CachedTokens)
            + usage.CacheWriteTokens * Known(CacheWrite, usage.CacheWriteTokens) + usage.AudioTokens * Known(Audio, usage.AudioTokens);
        var output = (usage.OutputTokens - usage.ImageOutputTokens) * Output
            + usage.ImageOutputTokens * Known(ImageOutput, usage.ImageOutputTokens);
        var standard = isLong ? input * 2 + output * 1.5m : input + output;
        return standard * Share(tier) / 1_000_000;
    }

    /// <summary>Whether a price is published for a tier.</summary>
    public bool IsKnownAt(ServiceTier tier) => ShareAt(tier) is not null;

    private decimal Share(ServiceTier tier) => ShareAt(tier) ?? throw new InvalidOperationException($"{Model} has no price at tier {tier}.");

    private decimal? ShareAt(ServiceTier tier) => tier switch
    {
        ServiceTier.Default => 1,
        ServiceTier.Flex or ServiceTier.Batch when HalfForPatience => 0.5m,
        ServiceTier.Priority when TwiceForHaste => 2,
        _ => null,
    };

    private decimal Known(decimal? price, int tokens) =>
        tokens == 0 ? 0 : price ?? throw new InvalidOperationException($"{Model} has no price for some of the tokens that were used.");
}
