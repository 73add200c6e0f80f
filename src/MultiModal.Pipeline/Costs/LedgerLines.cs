using Azure;
using Azure.Data.Tables;

namespace MultiModal.Pipeline.Costs;

/// <summary>
/// Writes lines of the ledger. The callers of a process share a request: while one is under way, the lines of others gather, and go together in the
/// next. Each caller waits until its own lines are stored, and gets its own fault.
/// </summary>
/// <param name="table">The table of the ledger.</param>
/// <param name="time">Clock for waits.</param>
internal sealed class LedgerLines(TableClient table, TimeProvider time)
{
    /// <summary>Entities in one transaction at most (Performing entity group transactions, Table service REST reference).</summary>
    private const int MaxActions = 100;

    private readonly Lock gate = new();
    private List<Change> waiting = [];
    private TaskCompletionSource sooner = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool working;

    /// <summary>Carries out actions of one day together, or none of them.</summary>
    /// <param name="actions">The actions.</param>
    /// <param name="patience">How long the actions may wait for others to share their request.</param>
    /// <returns>Version of the first action's line.</returns>
    /// <exception cref="RequestFailedException">Storage refused the actions, or could not be reached.</exception>
    public Task<ETag> WriteAsync(IReadOnlyList<TableTransactionAction> actions, TimeSpan patience)
    {
        var change = new Change(actions, time.GetTimestamp(), patience);
        lock (gate)
        {
            if (waiting.Count == 0 || Left(change) < waiting.Min(Left)) sooner.TrySetResult();
            waiting.Add(change);
            if (working) return change.Done.Task;
            working = true;
        }

        _ = WorkAsync();
        return change.Done.Task;
    }

    private async Task WorkAsync()
    {
        while (true)
        {
            List<Change> changes = [];
            Task changed;
            var left = TimeSpan.Zero;
            lock (gate)
            {
                if (waiting.Count == 0)
                {
                    working = false;
                    return;
                }

                if (sooner.Task.IsCompleted) sooner = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = sooner.Task;
                left = waiting.Min(Left);
                if (left <= TimeSpan.Zero) changes = TakeSome();
            }

            if (changes.Count > 0) await CarryOutAsync(changes);
            else await Task.WhenAny(changed, Task.Delay(left, time));
        }
    }

    private TimeSpan Left(Change change) => change.Patience - time.GetElapsedTime(change.Since);

    /// <summary>Takes the first change and those that can go with it: of the same day, and few enough.</summary>
    private List<Change> TakeSome()
    {
        var some = new List<Change>();
        var actions = 0;
        foreach (var change in waiting)
        {
            if (some.Count > 0 && (change.Partition != some[0].Partition || actions + change.Actions.Count > MaxActions)) continue;
            some.Add(change);
            actions += change.Actions.Count;
        }

        waiting = [.. waiting.Except(some)];
        return some;
    }

    private async Task CarryOutAsync(List<Change> changes)
    {
        try
        {
            var answers = (await table.SubmitTransactionAsync(changes.SelectMany(c => c.Actions), CancellationToken.None)).Value;
            var position = 0;
            foreach (var change in changes)
            {
                change.Done.SetResult(answers[position].Headers.ETag!.Value);
                position += change.Actions.Count;
            }
        }
        catch (TableTransactionFailedException) when (changes.Count > 1)
        {
            // One line that is refused takes all others with it, so each goes alone.
            foreach (var change in changes) await CarryOutAsync([change]);
        }
        catch (Exception e)
        {
            // This is the boundary between the working caller and those who wait: they receive any exception, and the next ones are served.
            foreach (var change in changes) change.Done.SetException(e);
        }
    }

    private sealed class Change(IReadOnlyList<TableTransactionAction> actions, long since, TimeSpan patience)
    {
        public long Since { get; } = since;

        public TimeSpan Patience { get; } = patience;

        public IReadOnlyList<TableTransactionAction> Actions { get; } = actions;

        public string Partition { get; } = actions[0].Entity.PartitionKey;

        public TaskCompletionSource<ETag> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
