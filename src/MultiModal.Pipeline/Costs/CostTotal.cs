using MultiModal.Pipeline.Ai;

namespace MultiModal.Pipeline.Costs;

/// <summary>A sum over lines of the ledger, in USD.</summary>
public sealed record CostTotal
{
    /// <summary>Number of calls that were made, are under way, or may have been made.</summary>
    public int Calls { get; init; }

    /// <summary>Number of answers that were already known, and so were not paid again.</summary>
    public int Saved { get; init; }

    /// <summary>Cost by the usage that providers reported.</summary>
    public decimal SpentUsd { get; init; }

    /// <summary>Estimates of calls under way.</summary>
    public decimal ReservedUsd { get; init; }

    /// <summary>Estimates of calls that may have been billed but whose answer was lost.</summary>
    public decimal UnknownUsd { get; init; }

    public decimal SavedByOptimizingUsd { get; init; }

    public decimal SavedByCacheUsd { get; init; }

    /// <summary>Number of calls to models without a price: they are metered, and in none of the sums.</summary>
    public int Unpriced { get; init; }

    public Usage Usage { get; init; } = Usage.None;

    internal CostTotal With(LedgerEntry line) => this with
    {
        Calls = Calls + (line.State == LedgerState.Saved ? 0 : 1),
        Saved = Saved + (line.State == LedgerState.Saved ? 1 : 0),
        SpentUsd = SpentUsd + (line.State == LedgerState.Settled ? line.CostUsd ?? 0 : 0),
        ReservedUsd = ReservedUsd + (line.State == LedgerState.Reserved ? line.EstimatedUsd ?? 0 : 0),
        UnknownUsd = UnknownUsd + (line.State == LedgerState.Unknown ? line.EstimatedUsd ?? 0 : 0),
        SavedByOptimizingUsd = SavedByOptimizingUsd + (line.SavedByOptimizingUsd ?? 0),
        SavedByCacheUsd = SavedByCacheUsd + (line.SavedByCacheUsd ?? 0),
        Unpriced = Unpriced
            + (line.State != LedgerState.Saved && (line.State == LedgerState.Settled ? line.CostUsd : line.EstimatedUsd) is null ? 1 : 0),
        Usage = Usage + line.Usage,
    };
}
