namespace MultiModal.Pipeline.Reports;

/// <summary>How long a run took against how long its steps took one after the other.</summary>
/// <param name="WallClockMs">From the inventory to the report, milliseconds.</param>
/// <param name="SequentialMs">Sum over the steps that were really done, milliseconds; waiting for a turn is not counted.</param>
/// <param name="Speedup">Sequential over wall clock, two decimals; null where no time passed.</param>
public sealed record ReportTiming(long WallClockMs, long SequentialMs, double? Speedup);
