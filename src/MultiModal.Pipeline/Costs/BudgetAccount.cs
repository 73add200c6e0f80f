using System.Net;
using Azure;
using Azure.Data.Tables;

namespace MultiModal.Pipeline.Costs;

/// <summary>
/// What is committed (settled, reserved and unknown together) of one run or one day: one entity, changed under its ETag, so that
/// callers in any number of processes cannot overshoot together. The callers of a process share a request: many wait, one asks.
/// </summary>
internal sealed class BudgetAccount(TableClient table, string name)
{
    public const string Partition = "budget";

    private const string Committed = "CommittedUsd";
    private const string Write = "Write";

    private readonly Lock gate = new();
    private List<Change> waiting = [];
    private bool working;
    private TableEntity? known;

    /// <param name="amount">USD; negative to give back.</param>
    /// <param name="limit">The most that may be committed, null for any.</param>
    /// <param name="cancellationToken">Ends waiting; what was added all the same is given back.</param>
    /// <returns>Null where it was added. Else nothing is changed, and it is the USD by which the limit would be passed.</returns>
    public async Task<decimal?> AddAsync(decimal amount, decimal? limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var change = Enqueue(amount, limit);
        try
        {
            return await change.Done.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _ = UndoAsync(change);
            throw;
        }
    }

    private Change Enqueue(decimal amount, decimal? limit)
    {
        var change = new Change(amount, limit);
        lock (gate)
        {
            waiting.Add(change);
            if (working) return change;
            working = true;
        }

        _ = WorkAsync();
        return change;
    }

    /// <summary>Its caller is gone: no fault can be told to anybody, and what storage does not take back stays taken.</summary>
    private async Task UndoAsync(Change change)
    {
        lock (gate)
        {
            if (waiting.Remove(change)) return;
        }

        await ((Task)change.Done.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (change.Done.Task is not { IsCompletedSuccessfully: true, Result: null }) return;
        await ((Task)Enqueue(-change.Amount, limit: null).Done.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WorkAsync()
    {
        while (true)
        {
            List<Change> changes;
            lock (gate)
            {
                if (waiting.Count == 0)
                {
                    working = false;
                    return;
                }

                (changes, waiting) = (waiting, []);
            }

            try
            {
                var lacking = await ApplyAsync(changes);
                foreach (var change in changes) change.Done.SetResult(lacking.TryGetValue(change, out var usd) ? usd : null);
            }
            catch (Exception e)
            {
                // The edge between one who works and the many who wait: whatever happened, it is theirs to hear, and the next ones are served.
                known = null;
                foreach (var change in changes) change.Done.SetException(e);
            }
        }
    }

    private async Task<Dictionary<Change, decimal>> ApplyAsync(List<Change> changes)
    {
        while (true)
        {
            // A refusal is believed of fresh numbers only: another process may have given back meanwhile.
            var fresh = known is null;
            known ??= await FindAsync();
            var (lacking, committed) = Decide(changes, known is null ? 0 : LedgerRow.Money(known, Committed) ?? 0);
            if (!fresh && lacking.Count > 0)
            {
                known = null;
                continue;
            }

            if (lacking.Count == changes.Count) return lacking;
            var write = UniqueId.New();
            var next = new TableEntity(Partition, name) { [Committed] = LedgerRow.Text(committed), [Write] = write };
            try
            {
                var response = known is null ? await table.AddEntityAsync(next) : await table.UpdateEntityAsync(next, known.ETag, TableUpdateMode.Replace);
                next.ETag = response.Headers.ETag!.Value;
                known = next;
                return lacking;
            }
            catch (RequestFailedException e) when (e.Status is (int)HttpStatusCode.PreconditionFailed or (int)HttpStatusCode.Conflict or (int)HttpStatusCode.NotFound)
            {
                // Somebody else was first, or it was ourselves, and the first answer was lost on the way.
                known = await FindAsync();
                if (known?.GetGuid(Write) == write) return lacking;
            }
        }
    }

    private static (Dictionary<Change, decimal> Lacking, decimal Committed) Decide(List<Change> changes, decimal committed)
    {
        var lacking = new Dictionary<Change, decimal>(ReferenceEqualityComparer.Instance);
        foreach (var change in changes)
        {
            if (change.Limit is { } limit && committed + change.Amount > limit) lacking[change] = committed + change.Amount - limit;
            else committed += change.Amount;
        }

        return (lacking, committed);
    }

    private async Task<TableEntity?> FindAsync()
    {
        var found = await table.GetEntityIfExistsAsync<TableEntity>(Partition, name);
        return found.HasValue ? found.Value : null;
    }

    private sealed class Change(decimal amount, decimal? limit)
    {
        public decimal Amount { get; } = amount;

        public decimal? Limit { get; } = limit;

        public TaskCompletionSource<decimal?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
