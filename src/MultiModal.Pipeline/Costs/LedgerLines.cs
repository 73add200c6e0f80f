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
    /// <summary>How long lines that nobody's call waits for may gather.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    /// <summary>Entities in one transaction at most (Performing entity group transactions, Table service REST reference).</summary>
    private const int MaxActions = 100;

    private readonly Lock gate = new();
    private List<Change> waiting = [];
    private TaskCompletionSource urgent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool working;

    /// <summary>Carries out actions of one day together, or none of them.</summary>
    /// <param name="actions">The actions.</param>
    /// <param name="isUrgent">Whether a call waits for the line, and not only the end of a step.</param>
    /// <returns>Version of the first action's line.</returns>
    /// <exception cref="RequestFailedException">Storage refused the actions, or could not be reached.</exception>
    public Task<ETag> WriteAsync(IReadOnlyList<TableTransactionAction> actions, bool isUrgent)
    {
        var change = new Change(actions);
        lock (gate)
        {
            waiting.Add(change);
            if (isUrgent) urgent.TrySetResult();
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
            List<Change> changes;
            await Task.WhenAny(urgent.Task, Task.Delay(Gathering, time));
            lock (gate)
            {
                urgent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (waiting.Count == 0)
                {
                    working = false;
                    return;
                }

                changes = TakeSome();
            }

            await CarryOutAsync(changes);
        }
    }

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

    private sealed class Change(IReadOnlyList<TableTransactionAction> actions)
    {
        public IReadOnlyList<TableTransactionAction> Actions { get; } = actions;

        public string Partition { get; } = actions[0].Entity.PartitionKey;

        public TaskCompletionSource<ETag> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
