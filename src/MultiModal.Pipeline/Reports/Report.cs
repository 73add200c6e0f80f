using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Workflow;

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

    /// <summary>The batch's own wishes, without its webhook: an address may carry a secret.</summary>
    public required BatchOptions Options { get; init; }

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
