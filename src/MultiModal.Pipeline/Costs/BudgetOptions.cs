using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Costs;

/// <summary>Configuration section <c>Budget</c>: what may be spent. Only the host sets it, and never a batch.</summary>
public sealed class BudgetOptions
{
    public const string Section = "Budget";

    /// <summary>What one run may spend, in USD. If unset, there is no limit.</summary>
    [Range(
        typeof(decimal), "0", "1000000000", ErrorMessage = "Budget:PerRunUsd must be from 0 to 1,000,000,000 USD.",
        ParseLimitsInInvariantCulture = true)]
    public decimal? PerRunUsd { get; set; }

    /// <summary>What all runs on the storage account may spend on one day (UTC), in USD. If unset, there is no limit.</summary>
    [Range(
        typeof(decimal), "0", "1000000000", ErrorMessage = "Budget:PerDayUsd must be from 0 to 1,000,000,000 USD.",
        ParseLimitsInInvariantCulture = true)]
    public decimal? PerDayUsd { get; set; }

    internal bool IsSet => PerRunUsd is not null || PerDayUsd is not null;
}
