using Azure;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Costs;

/// <summary>A line of the ledger: one call to a paid engine, or one that was not needed.</summary>
public sealed record LedgerEntry
{
    /// <summary>Id of the line, which is set before the call is made and sorts by time.</summary>
    public required string Id { get; init; }

    /// <summary>UTC day of the reservation, to which all of the call's cost is charged.</summary>
    public required DateOnly Day { get; init; }

    public required LedgerState State { get; init; }

    public required DateTimeOffset ReservedAt { get; init; }

    /// <summary>Time after which a reservation that was not settled counts as unknown.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Time when the call was settled; null while it is not, and in lines of older builds.</summary>
    public DateTimeOffset? SettledAt { get; init; }

    public required string Batch { get; init; }

    public required int RunSeq { get; init; }

    /// <summary>
    /// Which of the batches that had this name, one after the other: <see cref="BatchState.Since"/>. Null in lines of older builds.
    /// </summary>
    public DateTimeOffset? BatchSince { get; init; }

    public required string Step { get; init; }

    /// <summary>Name of the engine.</summary>
    public required string Engine { get; init; }

    /// <summary>Reserved amount in USD; null where the model has no price.</summary>
    public decimal? EstimatedUsd { get; init; }

    /// <summary>Cost in USD of the usage that the provider reported; null while not settled, or where the model has no price.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>True where a price in it is not published, but taken from another provider or tier. Absent in lines of older builds.</summary>
    public bool PriceAssumed { get; init; }

    public Usage Usage { get; init; } = Usage.None;

    public decimal? SavedByOptimizingUsd { get; init; } = 0;

    public decimal? SavedByCacheUsd { get; init; } = 0;

    /// <summary>What the line takes from a budget, in USD: its cost once that is known, and its estimate until then.</summary>
    internal decimal CommittedUsd => State switch
    {
        LedgerState.Settled => CostUsd ?? 0,
        LedgerState.Saved => 0,
        _ => EstimatedUsd ?? 0,
    };

    /// <summary>What may still come back to a budget, in USD: the estimate of a call under way, or what a settled call needed less than that.</summary>
    internal decimal ReturnableUsd => State switch
    {
        LedgerState.Reserved => EstimatedUsd ?? 0,
        LedgerState.Settled => Math.Max(0, (EstimatedUsd ?? 0) - (CostUsd ?? 0)),
        _ => 0,
    };

    internal LedgerEntry At(DateTimeOffset now) =>
        State == LedgerState.Reserved && now >= ExpiresAt ? this with { State = LedgerState.Unknown } : this;
}

/// <summary>The state of a paid call.</summary>
public enum LedgerState
{
    /// <summary>The call is about to be made, or under way: it counts with its estimate.</summary>
    Reserved,

    /// <summary>The provider reported its usage.</summary>
    Settled,

    /// <summary>The call may have been made, and its usage will never be known: it counts with its estimate.</summary>
    Unknown,

    /// <summary>The call was not made, because the answer was known. The line records the saving.</summary>
    Saved,
}

/// <summary>What an engine used that was asked for an answer, and what that costs.</summary>
internal sealed record EngineUse(string Engine, Usage Usage, decimal? CostUsd, bool PriceAssumed, int LostAttempts);

/// <summary>A call that may be made now, with its line in the ledger that has to be settled.</summary>
internal sealed record Reservation(RunReference Run, LedgerEntry Entry, ETag ETag);
