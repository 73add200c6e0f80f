using System.Text.Json.Serialization;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Reports;

/// <summary>Results, work and cost of a run: <c>report.json</c>, schema version 1 (docs/report.schema.json).</summary>
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

    /// <summary>Reason why the batch as a whole could not run (an invalid <c>batch.json</c>); null if it could.</summary>
    public ReportError? Error { get; init; }

    /// <summary>The batch's own wishes as they were granted, without its webhook: an address may carry a secret.</summary>
    public required BatchOptions Options { get; init; }

    /// <summary>What was granted otherwise than the batch's options ask for, a sentence each; empty in reports of versions before 1.1.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public ReportSynthesis? Synthesis { get; init; }

    /// <summary>Reason for a missing synthesis; null if there is one.</summary>
    public ReportError? SynthesisReason { get; init; }

    /// <summary>The picture for which the batch asks; null, and left out, if it asks for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReportIllustration? Illustration { get; init; }

    /// <summary>Items in inventory order.</summary>
    public IReadOnlyList<ReportItem> Items { get; init; } = [];

    /// <summary>Number of files that were ignored as junk.</summary>
    public required int Ignored { get; init; }

    public required ReportCost Cost { get; init; }

    public required ReportTiming Timing { get; init; }
}

/// <summary>Duration of a run compared with the duration of its steps one after the other.</summary>
/// <param name="WallClockMs">Time from the inventory to the report, in milliseconds.</param>
/// <param name="SequentialMs">Sum over the steps that were actually done, in milliseconds, of their time at work: without the time that they waited
/// in line for an engine, for another caller's answer or for a core.</param>
/// <param name="Speedup">Ratio of sequential to wall-clock time, with two decimals; null below <see cref="LeastSpeedup"/>.</param>
public sealed record ReportTiming(long WallClockMs, long SequentialMs, double? Speedup)
{
    /// <summary>Smallest ratio that is more than the inaccuracy of the two times.</summary>
    internal const double LeastSpeedup = 1.2;
}

/// <summary>A failure as shown in reports.</summary>
/// <param name="Code">One of <see cref="FailureCodes"/>.</param>
/// <param name="Message">Message that says what is wrong and what to do.</param>
public sealed record ReportError(string Code, string Message)
{
    internal static ReportError? FromFailure(Failure? failure) => failure is null ? null : new ReportError(failure.Code, failure.Message);
}

/// <summary>Cost and savings of a run, in USD.</summary>
/// <param name="SpentUsd">Cost of the steps whose model has a price, from the usage that the provider reported.</param>
/// <param name="SavedByOptimizingUsd">Amount saved by sending less than the originals.</param>
/// <param name="SavedByCacheUsd">Amount saved by using cached answers.</param>
/// <param name="Unpriced">Engines that were used and have no price, so that the sums are lower than the actual cost.</param>
/// <param name="UnknownUsd">Estimate for further calls that may have been billed, because their answer was lost.</param>
/// <param name="LeftOut">Steps left out because of the budget; a new start with a higher budget does only these.</param>
public sealed record ReportCost(
    decimal SpentUsd,
    decimal SavedByOptimizingUsd,
    decimal SavedByCacheUsd,
    IReadOnlyList<string> Unpriced,
    decimal UnknownUsd = 0,
    int LeftOut = 0)
{
    /// <summary>Engines whose price is not published. It is taken from another provider's, with a margin.</summary>
    public IReadOnlyList<string> Assumed { get; init; } = [];
}
