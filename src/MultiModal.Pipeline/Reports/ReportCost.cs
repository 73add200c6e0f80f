namespace MultiModal.Pipeline.Reports;

/// <summary>What a run cost and what it did not have to, in USD.</summary>
/// <param name="SpentUsd">Of the steps whose model has a price.</param>
/// <param name="SavedByOptimizingUsd">By sending less than was dropped.</param>
/// <param name="SavedByCacheUsd">By not asking again.</param>
/// <param name="Unpriced">Engines that were used and have no price, so that the sums are less than the truth.</param>
public sealed record ReportCost(decimal SpentUsd, decimal SavedByOptimizingUsd, decimal SavedByCacheUsd, IReadOnlyList<string> Unpriced);
