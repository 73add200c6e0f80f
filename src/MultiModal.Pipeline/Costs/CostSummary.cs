using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Costs;

/// <summary>The amounts spent and saved over some days.</summary>
/// <param name="From">First day, UTC.</param>
/// <param name="To">Last day, UTC.</param>
/// <param name="By">Key of the rows.</param>
/// <param name="Total">Sum over all rows.</param>
/// <param name="Rows">Rows in ordinal order of their keys.</param>
public sealed record CostSummary(DateOnly From, DateOnly To, CostGrouping By, CostTotal Total, IReadOnlyList<CostRow> Rows)
{
    /// <summary>What may still be spent; null if the host has no budget.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BudgetLeft? Budget { get; init; }
}

/// <summary>The host's budget, in USD.</summary>
/// <param name="PerRunUsd">What one run may spend; null for no limit.</param>
/// <param name="PerDayUsd">What all runs may spend on one day (UTC); null for no limit.</param>
/// <param name="LeftTodayUsd">What is left of today's; null for no limit.</param>
public sealed record BudgetLeft(decimal? PerRunUsd, decimal? PerDayUsd, decimal? LeftTodayUsd);

/// <summary>The key by which sums of the ledger are grouped.</summary>
public enum CostGrouping
{
    /// <summary>The UTC day of the call.</summary>
    Day,
    Batch,
    Step,

    /// <summary>The engine with its deployment or model.</summary>
    Model,
}

/// <summary>The sum of one day, batch, step or model.</summary>
public sealed record CostRow(string Key, CostTotal Sum);
