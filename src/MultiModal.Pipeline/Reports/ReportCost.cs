namespace MultiModal.Pipeline.Reports;

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
