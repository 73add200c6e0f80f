using Azure;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Costs;

/// <summary>A line of the ledger: one call to a paid engine, or one that did not have to be made.</summary>
public sealed record LedgerEntry
{
    /// <summary>Known before the call is made; sorts by time.</summary>
    public required string Id { get; init; }

    /// <summary>UTC day of the reservation, which all of the call's cost counts for.</summary>
    public required DateOnly Day { get; init; }

    public required LedgerState State { get; init; }

    public required DateTimeOffset ReservedAt { get; init; }

    /// <summary>From when on a reservation that was not settled counts as unknown.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public required string Batch { get; init; }

    public required int RunSeq { get; init; }

    public required string Step { get; init; }

    /// <summary>Name of the engine.</summary>
    public required string Engine { get; init; }

    /// <summary>What was reserved, in USD; null where the model has no price.</summary>
    public decimal? EstimatedUsd { get; init; }

    /// <summary>Of the usage that the provider reported, in USD; null while not settled, or where the model has no price.</summary>
    public decimal? CostUsd { get; init; }

    public Usage Usage { get; init; } = Usage.None;

    public decimal? SavedByOptimizingUsd { get; init; } = 0;

    public decimal? SavedByCacheUsd { get; init; } = 0;

    internal LedgerEntry At(DateTimeOffset now) => State == LedgerState.Reserved && now >= ExpiresAt ? this with { State = LedgerState.Unknown } : this;
}

/// <summary>What is known of a paid call.</summary>
public enum LedgerState
{
    /// <summary>About to be made, or under way: counted at its estimate.</summary>
    Reserved,

    /// <summary>The provider said what it used.</summary>
    Settled,

    /// <summary>It may have been made, and nobody will say what it used: counted at its estimate.</summary>
    Unknown,

    /// <summary>Not made: the answer was known. Kept for what it saved.</summary>
    Saved,
}

/// <summary>A call that may be made now: its line in the ledger, to be settled.</summary>
internal sealed record Reservation(RunReference Run, LedgerEntry Entry, ETag ETag);
