namespace MultiModal.Pipeline.Costs;

/// <summary>The amounts spent and saved over some days.</summary>
/// <param name="From">First day, UTC.</param>
/// <param name="To">Last day, UTC.</param>
/// <param name="By">Key of the rows.</param>
/// <param name="Total">Sum over all rows.</param>
/// <param name="Rows">Rows in ordinal order of their keys.</param>
public sealed record CostSummary(DateOnly From, DateOnly To, CostGrouping By, CostTotal Total, IReadOnlyList<CostRow> Rows);

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
