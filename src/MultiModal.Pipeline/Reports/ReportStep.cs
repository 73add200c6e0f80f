using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Reports;

/// <summary>A step done for an item.</summary>
/// <param name="Step">Its name.</param>
/// <param name="Part">Which piece of a recording or page of a text; null for an item taken whole.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Code">Of the failure, null for success.</param>
/// <param name="Engine">Null for steps without one.</param>
/// <param name="Cache">Where the answer came from.</param>
/// <param name="Attempts">Requests made.</param>
/// <param name="DurationMs">Milliseconds.</param>
/// <param name="Usage">Of the engine, in this run.</param>
/// <param name="CostUsd">In this run; null where the model has no price.</param>
/// <param name="Estimate">What the call was expected to use before it was made; null where no paid call was.</param>
/// <param name="EstimatedUsd">Price of the estimate.</param>
public sealed record ReportStep(
    string Step,
    int? Part,
    StepStatus Status,
    string? Code,
    string? Engine,
    CacheOutcome Cache,
    int Attempts,
    long DurationMs,
    Usage Usage,
    decimal? CostUsd,
    Usage? Estimate = null,
    decimal? EstimatedUsd = null);
