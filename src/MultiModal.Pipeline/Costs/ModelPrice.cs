using System.ComponentModel.DataAnnotations;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Models;

namespace MultiModal.Pipeline.Costs;

/// <summary>A row of the price book: the cost of a model family over a span of days, in USD. A unit without a price is null, never 0.</summary>
public sealed record ModelPrice
{
    private const decimal Million = 1_000_000m;

    /// <summary>
    /// What a tier is taken to cost of which the price is not known: as much as priority does of gpt-5.6 and gpt-6, the dearest that is published.
    /// </summary>
    private const decimal UnknownTier = 2m;

    /// <summary>Name of the model, or its beginning up to the date of a snapshot.</summary>
    [Required]
    public required string Family { get; init; }

    /// <summary><c>azureOpenAI</c> or <c>openAI</c>, where only one of them asks it; null for both.</summary>
    public EngineKind? Provider { get; init; }

    /// <summary>First day, UTC; null for any day before.</summary>
    public DateOnly? EffectiveFrom { get; init; }

    /// <summary>First day on which the row no longer applies, UTC; null where no end is known.</summary>
    public DateOnly? EffectiveTo { get; init; }

    /// <summary>Price of 1,000,000 input tokens.</summary>
    public decimal? InputPerMillion { get; init; }

    /// <summary>Price of 1,000,000 input tokens that the provider had in its own cache; null for the price of any input.</summary>
    public decimal? CachedInputPerMillion { get; init; }

    /// <summary>1,000,000 input tokens that the provider put into its own cache; null: as any input.</summary>
    public decimal? CacheWritePerMillion { get; init; }

    /// <summary>1,000,000 input tokens of audio; null: as any input.</summary>
    public decimal? AudioInputPerMillion { get; init; }

    /// <summary>Price of 1,000,000 output tokens.</summary>
    public decimal? OutputPerMillion { get; init; }

    /// <summary>
    /// 1,000,000 output tokens of pictures, of models that make them; null: as any output. Their output that is not a picture costs as much where
    /// it has no price.
    /// </summary>
    public decimal? ImageOutputPerMillion { get; init; }

    /// <summary>Price of a minute of audio, for models that are billed by duration.</summary>
    public decimal? AudioMinute { get; init; }

    /// <summary>What a call with a long prompt costs more; null where it costs the same.</summary>
    public LongPromptPrice? LongPrompt { get; init; }

    /// <summary>Share of these prices that a batch of the provider's costs; null where it offers none.</summary>
    public decimal? Batch { get; init; }

    /// <summary>Share of these prices that <c>service_tier: flex</c> costs; null where it is not offered.</summary>
    public decimal? Flex { get; init; }

    /// <summary>Share of these prices that <c>service_tier: priority</c> (or <c>fast</c>) costs; null where it is not known.</summary>
    public decimal? Priority { get; init; }

    /// <summary>The price is not published: it is taken from another provider's, with a margin.</summary>
    public bool Assumed { get; init; }

    /// <summary>Where the prices were read.</summary>
    public required string Source { get; init; }

    /// <summary>Date when they were read.</summary>
    public required DateOnly ReadOn { get; init; }

    /// <summary>Remarks on the row.</summary>
    public string? Note { get; init; }

    public bool HoldsOn(DateOnly day) => (EffectiveFrom is not { } from || day >= from) && (EffectiveTo is not { } to || day < to);

    /// <summary>Whether the price of a call is not published, and another one is taken.</summary>
    public bool IsAssumedFor(Usage usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        return Assumed || (usage.Tier is not null && ShareOf(usage.Tier) is null);
    }

    /// <returns>Cost in USD, by the tier that the provider names; null where a unit that was used has no price.</returns>
    public decimal? PriceOf(Usage usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        var output = OutputPerMillion ?? ImageOutputPerMillion;
        if ((usage.InputTokens > 0 && InputPerMillion is null) || (usage.OutputTokens > 0 && output is null)
            || (usage.AudioSeconds > 0 && AudioMinute is null)) return null;
        var input = InputPerMillion ?? 0;
        var plain = Math.Max(0, usage.InputTokens - usage.CachedInputTokens - usage.AudioInputTokens);
        var inputs = (plain * input)
            + (usage.CachedInputTokens * (CachedInputPerMillion ?? input))
            + (usage.AudioInputTokens * (AudioInputPerMillion ?? input))
            + (usage.CacheWriteTokens * ((CacheWritePerMillion ?? input) - input));
        var picture = Math.Min(usage.ImageOutputTokens, usage.OutputTokens);
        var outputs = ((usage.OutputTokens - picture) * (output ?? 0)) + (picture * (ImageOutputPerMillion ?? output ?? 0));

        if (LongPrompt is { } dearer && usage.InputTokens > dearer.Past) (inputs, outputs) = (inputs * dearer.Input, outputs * dearer.Output);
        var share = usage.Tier is null ? 1 : ShareOf(usage.Tier) ?? UnknownTier;
        return share * (((inputs + outputs) / Million) + ((decimal)usage.AudioSeconds * (AudioMinute ?? 0) / 60m));
    }

    private decimal? ShareOf(string tier) => tier switch
    {
        "flex" => Flex,
        "batch" => Batch,
        "priority" or "fast" => Priority,
        _ => null,
    };
}
