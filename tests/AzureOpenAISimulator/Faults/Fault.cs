using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Faults;

/// <summary>One thing going wrong, with its numbers.</summary>
public sealed record Fault(FaultKind Kind)
{
    /// <summary>Waited before anything is answered (or reset), milliseconds.</summary>
    public int DelayMs { get; init; }

    /// <summary><c>Retry-After</c> of a 429 or 503; null sends none.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary><c>retry-after-ms</c> of a 429; null sends none.</summary>
    public int? RetryAfterMs { get; init; }

    /// <summary>Of <see cref="FaultKind.ServerError"/>.</summary>
    public int Status { get; init; } = 500;

    /// <summary>Of <see cref="FaultKind.OtherTier"/>.</summary>
    public ServiceTier Tier { get; init; }

    /// <summary>Of <see cref="FaultKind.SlowDrip"/>.</summary>
    public int ChunkBytes { get; init; } = 64;

    /// <summary>Of <see cref="FaultKind.SlowDrip"/>, milliseconds.</summary>
    public int IntervalMs { get; init; } = 50;
}
