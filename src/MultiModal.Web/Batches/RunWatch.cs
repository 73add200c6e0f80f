using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Web.Batches;

/// <summary>Reads the runs of a batch: the current one and the earlier ones.</summary>
public sealed class RunWatch(BatchResults results, RunStore runs)
{
    /// <summary>Maximum number of runs listed.</summary>
    private const int MaxRuns = 100;

    private const int MaxActive = 20;
    private const int MaxFailures = 100;

    /// <param name="run">The current run.</param>
    /// <param name="from">Index of the first item to show.</param>
    /// <param name="limit">Maximum number of items to show.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    public async Task<RunProgress> ReadProgressAsync(RunReference run, int from, int limit, CancellationToken cancellationToken)
    {
        if (await runs.ReadHeaderAsync(run, cancellationToken) is not { } header)
        {
            return new RunProgress(null, 0, 0, from, [], [], [], []);
        }

        var steps = new Dictionary<int, List<StepProgress>>();
        await foreach (var step in runs.ListProgressAsync(run, cancellationToken))
        {
            if (!steps.TryGetValue(step.Index, out var known)) steps[step.Index] = known = [];
            known.Add(step);
        }

        var similar = (await runs.ReadSimilarAsync(run, cancellationToken)).ByIndex();
        var (done, failed) = (0, 0);
        var tallies = new StepTallies();
        var (shown, active, failures) = (new List<ItemProgress>(), new List<ItemProgress>(), new List<ItemProgress>());
        await foreach (var item in runs.ReadItemsAsync(run, header.Count, cancellationToken))
        {
            var ofItem = steps.GetValueOrDefault(item.Index, []);
            var isSimilar = similar.ContainsKey(item.Index);
            var progress = ItemProgress.Create(item, ofItem, isSimilar);
            tallies.Add(item, ofItem, isSimilar);
            if (progress.Status is not (ItemProgressStatus.Waiting or ItemProgressStatus.Running)) done++;
            if (progress.Status == ItemProgressStatus.Failed && failed++ < MaxFailures) failures.Add(progress);
            if (progress.Status == ItemProgressStatus.Running && active.Count < MaxActive) active.Add(progress);
            if (item.Index >= from && shown.Count < limit) shown.Add(progress);
        }

        return new RunProgress(header.Count, done, failed, from, shown, tallies.ToList(), active, failures);
    }

    /// <summary>Lists the runs that have a report, the latest first.</summary>
    public async Task<IReadOnlyList<RunEntry>> ListEndedAsync(BatchState state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        var numbers = (await results.ListRunsAsync(state.Batch, cancellationToken))
            .Where(runSeq => state.Phase != BatchPhase.Running || runSeq != state.RunSeq);
        return [.. numbers.OrderDescending().Take(MaxRuns).Select(n => new RunEntry(n, BatchLinks.ReportOf(state.Batch, n)))];
    }
}
