using System.Net;
using Azure;
using Azure.Data.Tables;

namespace MultiModal.Pipeline.Costs;

/// <summary>
/// The committed amount (settled, reserved and unknown together) of one run or one day: one entity, changed under its ETag, so that
/// callers in any number of processes cannot overshoot together. The callers of a process share a request: one asks, the others wait.
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

    /// <param name="amount">Amount in USD; negative to give it back.</param>
    /// <param name="limit">Largest amount that may be committed; null for no limit.</param>
    /// <param name="cancellationToken">Token that ends waiting; an amount that was added all the same is given back.</param>
    /// <returns>Null where it was added. Otherwise nothing is changed, and the value is the amount in USD by which the limit would be
    /// exceeded.</returns>
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

    /// <summary>
    /// Gives the amount back after its caller is gone: no fault can be reported, and an amount that storage does not take back stays committed.
    /// </summary>
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
                // This is the boundary between the working caller and those who wait: they receive any exception, and the next ones are served.
                known = null;
                foreach (var change in changes) change.Done.SetException(e);
            }
        }
    }

    private async Task<Dictionary<Change, decimal>> ApplyAsync(List<Change> changes)
    {
        while (true)
        {
            // A refusal needs fresh numbers: another process may have given back an amount in the meantime.
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
                var response = known is null
                    ? await table.AddEntityAsync(next)
                    : await table.UpdateEntityAsync(next, known.ETag, TableUpdateMode.Replace);
                next.ETag = response.Headers.ETag!.Value;
                known = next;
                return lacking;
            }
            catch (RequestFailedException e)
                when (e.Status is (int)HttpStatusCode.PreconditionFailed or (int)HttpStatusCode.Conflict or (int)HttpStatusCode.NotFound)
            {
                // Another process was first, or this one was, and the first answer was lost on the way.
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
