using System.Text.Json.Serialization;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Reports;

/// <summary>A step done for an item.</summary>
/// <param name="Step">Name of the step.</param>
/// <param name="Part">Piece of a recording or page of a text; null for an item processed as a whole.</param>
/// <param name="Status">Status of the step.</param>
/// <param name="Code">Code of the failure; null for success.</param>
/// <param name="Engine">Name of the engine; null for steps without one.</param>
/// <param name="Cache">Source of the answer.</param>
/// <param name="Attempts">Number of requests made.</param>
/// <param name="DurationMs">Duration in milliseconds.</param>
/// <param name="Usage">Usage of the engine in this run.</param>
/// <param name="CostUsd">Cost in this run, in USD; null if the model has no price.</param>
/// <param name="Estimate">Usage expected before the call was made; null if there was no paid call.</param>
/// <param name="EstimatedUsd">Price of the estimate, in USD.</param>
/// <param name="StartedAt">When the step began.</param>
/// <param name="WaitedMs">How much of <paramref name="DurationMs"/> the step waited in line for a core, in milliseconds.</param>
/// <param name="Tile">Tile of an image that was sent in tiles; null for all else.</param>
/// <param name="Provider">Who runs the engine: <c>AzureOpenAI</c>, <c>OpenAI</c> or <c>Offline</c>; null for steps without one.</param>
/// <param name="Model">The deployment, model or program that answered; null for steps without one.</param>
/// <param name="Fallback">True if the engine stood in for the first choice of its capability.</param>
/// <param name="SavedByOptimizingUsd">Amount that was saved by sending less than the original, in USD; null for none.</param>
/// <param name="SavedByCacheUsd">Amount that was saved because the answer was known, in USD; null for none.</param>
/// <param name="OriginalInputTokens">Input tokens that the original would have taken, by the provider's rule; null if nothing was saved.</param>
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
    decimal? EstimatedUsd = null,
    DateTimeOffset? StartedAt = null,
    long WaitedMs = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Tile = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Provider = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Model = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Fallback = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? SavedByOptimizingUsd = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? SavedByCacheUsd = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? OriginalInputTokens = null);
