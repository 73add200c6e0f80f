using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Reports;

/// <summary>Sums over a run, one item and one record at a time.</summary>
internal sealed class RunTally
{
    private readonly SortedSet<string> unpriced = new(StringComparer.Ordinal);
    private readonly SortedSet<string> assumed = new(StringComparer.Ordinal);
    private readonly Dictionary<ItemStatus, int> items = [];
    private bool partly;
    private decimal spent;
    private decimal savedByOptimizing;
    private decimal savedByCache;
    private decimal unknown;
    private int leftOut;
    private long sequentialMs;

    public ReportCost Cost => new(spent, savedByOptimizing, savedByCache, [.. unpriced], unknown, leftOut) { Assumed = [.. assumed] };

    /// <summary>Whether an engine that costs money was involved, so that the ledger may contain more than the records.</summary>
    public bool MayHaveSpent { get; private set; }

    /// <summary>Adopts the ledger's amounts: a call whose host died before it wrote its record is only in the ledger.</summary>
    public void Reconcile(decimal settledUsd, decimal unknownUsd)
    {
        spent = Math.Max(spent, settledUsd);
        unknown = unknownUsd;
    }

    public void Add(ItemStatus status, bool partly)
    {
        items[status] = Count(status) + 1;
        this.partly |= partly;
    }

    public void Add(StepRecord record)
    {
        MayHaveSpent |= record.Engine is { } asked && !asked.StartsWith($"{EngineIdentity.Offline}/", StringComparison.Ordinal);
        if (record.Failure?.Code is FailureCodes.BudgetExceeded or FailureCodes.ModelUnpriced) leftOut++;
        spent += record.CostUsd ?? 0;
        savedByOptimizing += record.SavedByOptimizingUsd ?? 0;
        savedByCache += record.SavedByCacheUsd ?? 0;
        if (record.Engine is { } engine
            && (record.CostUsd is null || record.SavedByCacheUsd is null || record.SavedByOptimizingUsd is null)) unpriced.Add(engine);
        if (record is { Engine: { } taken, PriceAssumed: true }) assumed.Add(taken);
        if (record.Engine is { } refused && record.Failure?.Code == FailureCodes.ModelUnpriced) unpriced.Add(refused);

        // Time spent waiting for another caller's answer, for an engine's slot or for a core would not occur if the step ran alone.
        if (record.Status is StepStatus.Skipped or StepStatus.Cancelled || record.Cache == CacheOutcome.Shared) return;
        sequentialMs += record.Attempts.Count > 0
            ? Math.Min(record.DurationMs, record.Attempts.Sum(a => a.DurationMs))
            : Math.Max(0, record.DurationMs - record.WaitedMs);
    }

    public ReportTiming Timing(TimeSpan wallClock)
    {
        var wallClockMs = Math.Max(0, (long)wallClock.TotalMilliseconds);
        var speedup = wallClockMs == 0 ? 0 : Math.Round((double)sequentialMs / wallClockMs, 2);
        return new ReportTiming(wallClockMs, sequentialMs, speedup < ReportTiming.LeastSpeedup ? null : speedup);
    }

    /// <summary>
    /// Returns the status of the run. Unsupported items, and those skipped because their engine is off, do not make a run partial; items
    /// that the budget left out do. If every item that counts failed, the run failed.
    /// </summary>
    public RunStatus Status(bool cancelled, bool synthesisLacks)
    {
        if (cancelled || Count(ItemStatus.Cancelled) > 0) return RunStatus.Cancelled;
        var failed = Count(ItemStatus.Failed);
        if (failed > 0 && Count(ItemStatus.Succeeded) + Count(ItemStatus.Skipped) == 0) return RunStatus.Failed;
        return failed > 0 || partly || leftOut > 0 || synthesisLacks ? RunStatus.PartiallySucceeded : RunStatus.Succeeded;
    }

    private int Count(ItemStatus status) => items.GetValueOrDefault(status);
}
