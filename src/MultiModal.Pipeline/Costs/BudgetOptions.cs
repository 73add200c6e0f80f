using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Costs;

/// <summary>Configuration section <c>Budget</c>: what may be spent, in USD. The host's own setting, never a batch's.</summary>
public sealed class BudgetOptions
{
    public const string Section = "Budget";

    /// <summary>By one run. Default no limit.</summary>
    [Range(typeof(decimal), "0", "1000000000", ErrorMessage = "Budget:PerRunUsd is 0 to 1,000,000,000 USD.", ParseLimitsInInvariantCulture = true)]
    public decimal? PerRunUsd { get; set; }

    /// <summary>On one day (UTC), by all runs on the storage account. Default no limit.</summary>
    [Range(typeof(decimal), "0", "1000000000", ErrorMessage = "Budget:PerDayUsd is 0 to 1,000,000,000 USD.", ParseLimitsInInvariantCulture = true)]
    public decimal? PerDayUsd { get; set; }

    internal bool IsSet => PerRunUsd is not null || PerDayUsd is not null;
}
