namespace MultiModal.Pipeline.Costs;

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
