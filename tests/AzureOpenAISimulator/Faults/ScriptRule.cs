using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Faults;

/// <summary>
/// Which calls a fault happens to: those that match every condition given. Numbers count the calls that match the other conditions, from 1.
/// </summary>
/// <param name="Fault">What happens.</param>
public sealed record ScriptRule(Fault Fault)
{
    /// <summary>Deployment or model name; null for any.</summary>
    public string? Deployment { get; init; }

    /// <summary>Null for any.</summary>
    public CallKind? Kind { get; init; }

    /// <summary>SHA-256 of an image, recording or prompt; null for any.</summary>
    public string? ContentHash { get; init; }

    /// <summary>
    /// What the call is to be worked on as; null for any. With <see cref="Probability"/> or <see cref="First"/>, a tier that lacks capacity at times.
    /// </summary>
    public ServiceTier? Tier { get; init; }

    /// <summary>Words that stand in a text of the call; null for any.</summary>
    public string? Contains { get; init; }

    /// <summary>From the so manyth on.</summary>
    public int? From { get; init; }

    /// <summary>Up to the so manyth, which it still happens to: with <see cref="From"/>, a deployment that dies and comes back.</summary>
    public int? To { get; init; }

    /// <summary>Only the nth.</summary>
    public int? Nth { get; init; }

    /// <summary>Only the first so many.</summary>
    public int? First { get; init; }

    /// <summary>Every so manyth.</summary>
    public int? Every { get; init; }

    /// <summary>
    /// 0 to 1. Decided by the script's seed, the rule, the content and how often that content came, so that a run can be replayed whatever order its
    /// calls come in.
    /// </summary>
    public double? Probability { get; init; }
}
