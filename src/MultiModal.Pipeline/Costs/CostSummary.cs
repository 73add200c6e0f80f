namespace MultiModal.Pipeline.Costs;

/// <summary>What was spent and saved over some days.</summary>
/// <param name="From">First day, UTC.</param>
/// <param name="To">Last day, UTC.</param>
/// <param name="By">What the rows are.</param>
/// <param name="Total">Over all rows.</param>
/// <param name="Rows">In ordinal order of their keys.</param>
public sealed record CostSummary(DateOnly From, DateOnly To, CostGrouping By, CostTotal Total, IReadOnlyList<CostRow> Rows);

/// <summary>What sums of the ledger are told by.</summary>
public enum CostGrouping
{
    /// <summary>UTC day of the call.</summary>
    Day,
    Batch,
    Step,

    /// <summary>Engine, with its deployment or model.</summary>
    Model,
}

/// <summary>The sum of one day, batch, step or model.</summary>
public sealed record CostRow(string Key, CostTotal Sum);
