using System.Net;
using Azure;
using Azure.Data.Tables;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Costs;

/// <summary>
/// The committed amount (settled, reserved and unknown together) of one run or one day: one entity, changed under its ETag, so that
/// callers in any number of processes cannot overshoot together. The callers of a process share a request: one asks, the others wait.
/// </summary>
internal sealed class BudgetAccount
{
    public const string Partition = "budget";

    /// <summary>Longest time for which a noted amount is in memory alone.</summary>
    private static readonly TimeSpan StoreEvery = TimeSpan.FromSeconds(2);

    /// <summary>How often the lines are added up while other processes write to the account. The last sum may be too high, and is never too low.
    /// </summary>
    private const int MostSums = 5;

    private const string Committed = "CommittedUsd";
    private const string Write = "Write";

    private readonly TableClient table;
    private readonly string name;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private List<Change> waiting = [];
    private bool working;
    private TableEntity? known;
    private decimal noted;
    private Task? foundation;

    public BudgetAccount(TableClient table, string name, TimeProvider time)
    {
        (this.table, this.name) = (table, name);
        timer = time.CreateTimer(_ => _ = StoreAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether nothing is on its way to storage, so that the account can be forgotten.</summary>
    public bool IsIdle
    {
        get
        {
            lock (gate) return !working && noted == 0;
        }
    }

    /// <summary>Adds an amount in USD that no limit applies to. It is stored soon, together with others.</summary>
    public void Note(decimal amount)
    {
        lock (gate)
        {
            var isFirst = noted == 0;
            noted += amount;
            if (isFirst) timer.Change(StoreEvery, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Raises the committed amount to the sum of the lines, if it is less; once in this process.</summary>
    /// <param name="sumOfLines">Adds up the lines, in USD.</param>
    /// <param name="cancellationToken">Token that ends waiting.</param>
    public async Task FoundAsync(Func<Task<decimal>> sumOfLines, CancellationToken cancellationToken)
    {
        Task founded;
        lock (gate)
        {
            if (foundation is null or { IsFaulted: true }) foundation = Enqueue(new Change(0, null, sumOfLines)).Done.Task;
            founded = foundation;
        }

        await founded.WaitAsync(cancellationToken);
    }

    /// <param name="amount">Amount in USD; negative to give it back.</param>
    /// <param name="limit">Largest amount that may be committed; null for no limit.</param>
    /// <param name="cancellationToken">Token that ends waiting; an amount that was added all the same is given back.</param>
    /// <returns>Null where it was added. Otherwise nothing is changed, and the value is the amount in USD by which the limit would be
    /// exceeded.</returns>
    public async Task<decimal?> AddAsync(decimal amount, decimal? limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var change = Enqueue(new Change(amount, limit));
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

    private async Task StoreAsync()
    {
        decimal amount;
        lock (gate) (amount, noted) = (noted, 0);
        if (amount == 0) return;
        try
        {
            await Enqueue(new Change(amount, limit: null)).Done.Task;
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            Note(amount);
        }
    }

    private Change Enqueue(Change change)
    {
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
        await ((Task)Enqueue(new Change(-change.Amount, limit: null)).Done.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
        // A refusal needs fresh numbers, because another process may have given back an amount in the meantime, and so does a sum of lines: an
        // entity that was read before its lines, and is unchanged after them, holds all that they count for.
        var sumOfLines = changes.Select(c => c.SumOfLines).FirstOrDefault(s => s is not null);
        if (sumOfLines is not null) known = null;
        var fresh = known is null;
        var least = 0m;
        for (var tries = 1; ; tries++)
        {
            known ??= await FindAsync();
            if (sumOfLines is not null && tries <= MostSums) least = await sumOfLines();
            var before = known is null ? 0 : LedgerRow.Money(known, Committed) ?? 0;
            var (lacking, committed) = Decide(changes, Math.Max(before, least));
            if (!fresh && lacking.Count > 0)
            {
                (known, fresh) = (null, true);
                continue;
            }

            if (committed == before) return lacking;
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
                fresh = true;
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

    /// <param name="amount">Amount in USD.</param>
    /// <param name="limit">Largest amount that may be committed; null for no limit.</param>
    /// <param name="sumOfLines">Adds up the lines, in USD, where the committed amount must be raised to their sum.</param>
    private sealed class Change(decimal amount, decimal? limit, Func<Task<decimal>>? sumOfLines = null)
    {
        public decimal Amount { get; } = amount;

        public decimal? Limit { get; } = limit;

        public Func<Task<decimal>>? SumOfLines { get; } = sumOfLines;

        public TaskCompletionSource<decimal?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
