using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Reports;

/// <summary>What a run found out, did and cost: <c>report.json</c>, schema version 1 (docs/report.schema.json).</summary>
public sealed record Report
{
    public const int CurrentSchemaVersion = 1;

    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    public required BatchName Batch { get; init; }

    public required int RunSeq { get; init; }

    public required string InventoryDigest { get; init; }

    public required RunStatus Status { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>Why the batch as a whole could not run (an invalid <c>batch.json</c>); null where it could.</summary>
    public ReportError? Error { get; init; }

    /// <summary>The batch's own wishes as they were granted, without its webhook: an address may carry a secret.</summary>
    public required BatchOptions Options { get; init; }

    /// <summary>What was granted otherwise than the batch's options ask for, a sentence each; empty in reports of versions before 1.1.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public ReportSynthesis? Synthesis { get; init; }

    /// <summary>Why there is no synthesis; null where there is one.</summary>
    public ReportError? SynthesisReason { get; init; }

    /// <summary>In inventory order.</summary>
    public IReadOnlyList<ReportItem> Items { get; init; } = [];

    /// <summary>How many files were passed over as junk.</summary>
    public required int Ignored { get; init; }

    public required ReportCost Cost { get; init; }

    public required ReportTiming Timing { get; init; }
}

/// <summary>How long a run took against how long its steps took one after the other.</summary>
/// <param name="WallClockMs">From the inventory to the report, milliseconds.</param>
/// <param name="SequentialMs">Sum over the steps that were really done, milliseconds; waiting for a turn is not counted.</param>
/// <param name="Speedup">Sequential over wall clock, two decimals; null where no time passed.</param>
public sealed record ReportTiming(long WallClockMs, long SequentialMs, double? Speedup);

/// <summary>A failure as reports show it.</summary>
/// <param name="Code">One of <see cref="FailureCodes"/>.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record ReportError(string Code, string Message)
{
    internal static ReportError? FromFailure(Failure? failure) => failure is null ? null : new ReportError(failure.Code, failure.Message);
}

/// <summary>What a run cost and what it did not have to, in USD.</summary>
/// <param name="SpentUsd">Of the steps whose model has a price, by the usage that the provider reported.</param>
/// <param name="SavedByOptimizingUsd">By sending less than was dropped.</param>
/// <param name="SavedByCacheUsd">By not asking again.</param>
/// <param name="Unpriced">Engines that were used and have no price, so that the sums are less than the truth.</param>
/// <param name="UnknownUsd">Estimate of calls that may have been billed on top, because their answer was lost.</param>
/// <param name="LeftOut">Steps that were not done because of the budget; starting again with a higher one does just these.</param>
public sealed record ReportCost(
    decimal SpentUsd,
    decimal SavedByOptimizingUsd,
    decimal SavedByCacheUsd,
    IReadOnlyList<string> Unpriced,
    decimal UnknownUsd = 0,
    int LeftOut = 0);
