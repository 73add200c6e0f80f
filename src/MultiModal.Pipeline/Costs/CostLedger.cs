using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Costs;

/// <summary>
/// Every call to a paid engine, in table <c>costs</c> of the media account. A call is reserved with its estimate before it is made, settled
/// with its usage, or unknown once the reservation expires. Only the caller that owns a line writes it; an attempt whose
/// answer was lost has a line of its own. Budgets are kept beside the lines (<see cref="BudgetAccount"/>).
/// </summary>
public sealed class CostLedger
{
    public const string TableName = "costs";

    private const int CachedAccounts = 256;
    private const int MaxUnfoundedRefusals = 5;
    private const int MaxRetries = 5;

    /// <summary>How long the line of a settled call may wait for those of other calls that are under way.</summary>
    private static readonly TimeSpan SettlingTogether = TimeSpan.FromMilliseconds(150);

    /// <summary>How long a line may wait for others that only the end of its step waits for.</summary>
    private static readonly TimeSpan EndingTogether = TimeSpan.FromMilliseconds(20);

    private static readonly Backoff Looks = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    /// <summary>How long a settled call may take to give back what it did not need.</summary>
    private static readonly TimeSpan LongestReturn = TimeSpan.FromSeconds(15);

    /// <summary>By which the clocks of two hosts on one account may differ.</summary>
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(5);

    /// <summary>How far back the lines of a run are looked for when its budget is founded on them.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromDays(1);

    private readonly TableClient table;
    private readonly LedgerLines lines;
    private readonly BudgetOptions budget;
    private readonly TimeProvider time;
    private readonly TimeSpan lifetime;
    private readonly TimeSpan patience;
    private readonly ConcurrentDictionary<string, BudgetAccount> accounts = new(StringComparer.Ordinal);
    private volatile bool created;

    /// <summary>Calls of this process that were reserved and are not settled.</summary>
    private int underWay;

    public CostLedger(
        TableServiceClient tables, IOptions<BudgetOptions> budget, IOptions<PipelineOptions> pipeline, IOptions<AiOptions> ai, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(ai);
        table = tables.GetTableClient(TableName);
        lines = new LedgerLines(table, time);
        this.budget = budget.Value;
        this.time = time;

        // No call lasts longer than its step.
        lifetime = pipeline.Value.StepTimeout;
        patience = TimeSpan.FromSeconds(ai.Value.TimeoutSeconds);
    }

    /// <summary>The tables of the account that holds the blobs.</summary>
    public static TableServiceClient Tables(StorageOptions options, TokenCredential credential)
    {
        ArgumentNullException.ThrowIfNull(options);
        var client =
            new TableClientOptions { RetryPolicy = new StorageRetry(MaxRetries),
                Retry = { NetworkTimeout = TimeSpan.FromSeconds(options.TimeoutSeconds) } };
        return options.BlobServiceUri is { } blobs
            ? new TableServiceClient(options.TableServiceUri ?? TablesBeside(blobs), credential, client)
            : new TableServiceClient(options.ConnectionString, client);
    }

    /// <summary>All lines of these days, both included, in the order of their ids within a day.</summary>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(DateOnly from, DateOnly to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (first, last) = (LedgerRow.PartitionOf(from), LedgerRow.PartitionOf(to));
        await foreach (var entry in QueryAsync(
            TableClient.CreateQueryFilter($"PartitionKey ge {first} and PartitionKey le {last}"), cancellationToken)) yield return entry;
    }

    /// <summary>Sums over these days, both included.</summary>
    public Task<CostSummary> SumAsync(DateOnly from, DateOnly to, CostGrouping by, CancellationToken cancellationToken) =>
        SumAsync(ReadAsync(from, to, cancellationToken), from, to, by);

    /// <summary>Sums over a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="startedAt">Time when the run started: no line is older.</param>
    /// <param name="by">Key of the rows.</param>
    /// <param name="cancellationToken">Token that ends reading.</param>
    public Task<CostSummary> SumRunAsync(RunReference run, DateTimeOffset startedAt, CostGrouping by, CancellationToken cancellationToken) =>
        SumAsync(ReadRunAsync(run, startedAt, cancellationToken), DayOf(startedAt), DayOf(time.GetUtcNow()), by);

    private static async Task<CostSummary> SumAsync(IAsyncEnumerable<LedgerEntry> lines, DateOnly from, DateOnly to, CostGrouping by)
    {
        var total = new CostTotal();
        var rows = new SortedDictionary<string, CostTotal>(StringComparer.Ordinal);
        await foreach (var line in lines)
        {
            var key = by switch
            {
                CostGrouping.Batch => line.Batch,
                CostGrouping.Step => line.Step,
                CostGrouping.Model => line.Engine,
                _ => LedgerRow.PartitionOf(line.Day),
            };
            total = total.With(line);
            rows[key] = rows.GetValueOrDefault(key, new CostTotal()).With(line);
        }

        return new CostSummary(from, to, by, total, [.. rows.Select(r => new CostRow(r.Key, r.Value))]);
    }

    /// <summary>All lines of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="startedAt">Time when the run started: no line is older.</param>
    /// <param name="cancellationToken">Token that ends reading.</param>
    public IAsyncEnumerable<LedgerEntry> ReadRunAsync(RunReference run, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        return QuerySinceAsync(startedAt - MostSkew, DayOf(time.GetUtcNow()), LinesOf(run), cancellationToken);
    }

    /// <summary>
    /// Takes the estimate from the budgets and writes the line of a call before it is made. Where the estimate does not fit, it waits
    /// for calls under way that may give back the missing amount; it does not wait for one that has taken <see cref="AiOptions.TimeoutSeconds"/>.
    /// </summary>
    /// <param name="run">Run that pays.</param>
    /// <param name="step">Step that makes the call.</param>
    /// <param name="engine">Engine that is asked.</param>
    /// <param name="estimatedUsd">Estimate in USD; null where the model has no price.</param>
    /// <param name="priceAssumed">Whether its price is taken from another provider's.</param>
    /// <param name="cancellationToken">Token that ends waiting.</param>
    /// <param name="unpriced">An engine that may answer and has no price, if that is another one.</param>
    /// <returns>The reservation, or <c>budget-exceeded</c>, <c>model-unpriced</c>.</returns>
    internal async Task<Outcome<Reservation>> ReserveAsync(
        RunReference run, string step, EngineIdentity engine, decimal? estimatedUsd, bool priceAssumed, CancellationToken cancellationToken,
        EngineIdentity? unpriced = null)
    {
        if ((estimatedUsd is null || unpriced is not null) && budget.IsSet)
        {
            return new Failure(
                FailureCodes.ModelUnpriced,
                $"{(unpriced ?? engine).Name} has no price, so that a budget cannot be applied to it. Add its price to Costs:PriceBook, set ModelFamily, or "
                    + "remove the budget.");
        }

        await CreateTableAsync(cancellationToken);
        var now = time.GetUtcNow();
        var entry = NewEntry(run, step, engine, now) with
        {
            State = LedgerState.Reserved,
            EstimatedUsd = estimatedUsd,
            PriceAssumed = priceAssumed,
        };
        if (estimatedUsd is { } amount && await CommitAsync(run, entry.Day, amount, cancellationToken) is { } refusal) return refusal;
        try
        {
            var reservation = new Reservation(run, entry, await AddAsync(entry, cancellationToken));
            Interlocked.Increment(ref underWay);
            return reservation;
        }
        catch
        {
            // The caller has no reference to this line, so no call will be made on it.
            await WithdrawAsync(run, entry);
            throw;
        }
    }

    /// <summary>Settles a call that was made and reported its usage; attempts that reported none stay as lines of their own.</summary>
    /// <param name="reservation">The line.</param>
    /// <param name="usage">What all attempts used.</param>
    /// <param name="costUsd">What they cost; null where there is no price.</param>
    /// <param name="savedByOptimizingUsd">What the original would have cost more.</param>
    /// <param name="lostAttempts">Attempts that reported no usage.</param>
    /// <param name="priceAssumed">Whether a price of theirs is not published.</param>
    /// <param name="engine">Name of the engine that answered, if it is not the one that was reserved for.</param>
    /// <param name="other">What another engine used that was asked for the same answer; null if none was.</param>
    internal async Task SettleAsync(
        Reservation reservation, Usage usage, decimal? costUsd, decimal? savedByOptimizingUsd, int lostAttempts, bool priceAssumed = false,
        string? engine = null, EngineUse? other = null)
    {
        var entry = reservation.Entry with { Engine = engine ?? reservation.Entry.Engine };
        var settled = entry with
        {
            State = LedgerState.Settled,
            SettledAt = time.GetUtcNow(),
            Usage = usage,
            CostUsd = costUsd,
            PriceAssumed = priceAssumed,
            SavedByOptimizingUsd = savedByOptimizingUsd,
        };
        var lost = Enumerable.Range(1, lostAttempts + (other?.LostAttempts ?? 0)).Select(number => entry with
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{entry.Id}-lost-{number}"),
            State = LedgerState.Unknown,
            Engine = number > lostAttempts ? other!.Engine : entry.Engine,
        });
        if (other is not null && other.Usage != Usage.None)
        {
            lost = lost.Append(entry with
            {
                Id = $"{entry.Id}-other",
                State = LedgerState.Settled,
                Engine = other.Engine,
                EstimatedUsd = 0,
                Usage = other.Usage,
                CostUsd = other.CostUsd,
                PriceAssumed = other.PriceAssumed,
            });
        }

        await WriteAsync(reservation, settled, lost);
        if (entry.EstimatedUsd is not { } estimated) return;
        var attempts = lostAttempts + (other?.LostAttempts ?? 0);
        await AdjustAsync(reservation, (costUsd ?? 0) + (other?.CostUsd ?? 0) + (estimated * attempts) - estimated);
    }

    /// <summary>Marks a call as unknown: it may have been made, and its answer will not come.</summary>
    internal Task MarkUnknownAsync(Reservation reservation) => WriteAsync(reservation, reservation.Entry with { State = LedgerState.Unknown }, []);

    /// <summary>Writes the line of a call that was not needed.</summary>
    internal async Task SaveAsync(RunReference run, string step, EngineIdentity engine, decimal savedUsd, CancellationToken cancellationToken)
    {
        await CreateTableAsync(cancellationToken);
        var entry = NewEntry(run, step, engine, time.GetUtcNow()) with { State = LedgerState.Saved, SavedByCacheUsd = savedUsd };
        await AddAsync(entry, cancellationToken);
    }

    private async Task<ETag> AddAsync(LedgerEntry entry, CancellationToken cancellationToken)
    {
        var row = LedgerRow.ToEntity(entry);
        try
        {
            // Nobody withdraws a line that is still on its way, so that there is no token.
            var patience = entry.State == LedgerState.Reserved ? TimeSpan.Zero : EndingTogether;
            var added = await lines.WriteAsync([new TableTransactionAction(TableTransactionActionType.Add, row)], patience);
            cancellationToken.ThrowIfCancellationRequested();
            return added;
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.Conflict)
        {
            // No other caller has this id: an earlier try of this request wrote the line, and its answer was lost.
            return (await table.GetEntityAsync<TableEntity>(row.PartitionKey, row.RowKey, cancellationToken: cancellationToken)).Value.ETag;
        }
    }

    private LedgerEntry NewEntry(RunReference run, string step, EngineIdentity engine, DateTimeOffset now) => new()
    {
        Id = LedgerRow.NewId(now),
        Day = DayOf(now),
        State = LedgerState.Reserved,
        ReservedAt = now,
        ExpiresAt = now + lifetime,
        Batch = run.Batch.Value,
        RunSeq = run.RunSeq,
        BatchSince = run.BatchSince,
        Step = step,
        Engine = engine.Name,
    };

    private async Task<Failure?> CommitAsync(RunReference run, DateOnly day, decimal amount, CancellationToken cancellationToken)
    {
        if (!budget.IsSet)
        {
            Note(run, day, amount);
            return null;
        }

        await FoundAsync(run, day, cancellationToken);
        var last = false;
        for (var look = 1; ; look++)
        {
            var refusal = await TryCommitAsync(run, day, amount, cancellationToken);
            if (refusal is null || last || refusal.LackingUsd > refusal.LimitUsd) return refusal?.Failure;

            // A call settles first and gives back afterwards, in a request of its own. When nothing can come back any more, one last try finds
            // what did since the refusal.
            last = refusal.LackingUsd > await ReturnableAsync(refusal.IsRuns ? run : null, day, cancellationToken);
            await Task.Delay(Looks.After(look), time, cancellationToken);
        }
    }

    /// <summary>
    /// Adds an amount that no limit applies to. It is stored within seconds, together with others: what a crash loses in between is in the lines,
    /// and a process that has a limit begins with them.
    /// </summary>
    private void Note(RunReference run, DateOnly day, decimal amount)
    {
        OfRun(run).Note(amount);
        OfDay(day).Note(amount);
    }

    /// <summary>Makes sure, once in this process, that the budgets of a run and a day have at least the sum of their lines.</summary>
    private async Task FoundAsync(RunReference run, DateOnly day, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - LongestRun;
        var ofDay = TableClient.CreateQueryFilter($"PartitionKey eq {LedgerRow.PartitionOf(day)}");
        await OfDay(day).FoundAsync(() => SumAsync(QueryAsync(ofDay, CancellationToken.None)), cancellationToken);
        await OfRun(run).FoundAsync(() => SumAsync(QuerySinceAsync(since, day, LinesOf(run), CancellationToken.None)), cancellationToken);

        static async Task<decimal> SumAsync(IAsyncEnumerable<LedgerEntry> lines) =>
            await lines.Select(l => l.CommittedUsd).SumAsync(CancellationToken.None);
    }

    private async Task<Refusal?> TryCommitAsync(RunReference run, DateOnly day, decimal amount, CancellationToken cancellationToken)
    {
        if (await OfRun(run).AddAsync(amount, budget.PerRunUsd, cancellationToken) is { } beyondRun)
        {
            return new Refusal(Exceeded(amount, "PerRunUsd", budget.PerRunUsd, "this run"), true, beyondRun, budget.PerRunUsd!.Value);
        }

        try
        {
            if (await OfDay(day).AddAsync(amount, budget.PerDayUsd, cancellationToken) is not { } beyondDay) return null;
            await GiveBackAsync(OfRun(run), amount);
            return new Refusal(Exceeded(amount, "PerDayUsd", budget.PerDayUsd, "today (UTC)"), false, beyondDay, budget.PerDayUsd!.Value);
        }
        catch
        {
            await GiveBackAsync(OfRun(run), amount);
            throw;
        }
    }

    /// <summary>
    /// Takes back a line that may have been written, and the amount reserved for it. What storage does not take back now stays reserved: then too
    /// little is spent, and never too much.
    /// </summary>
    private async Task WithdrawAsync(RunReference run, LedgerEntry entry)
    {
        try
        {
            await table.DeleteEntityAsync(LedgerRow.PartitionOf(entry.Day), entry.Id, ETag.All, CancellationToken.None);
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            return;
        }

        if (entry.EstimatedUsd is not { } amount) return;
        if (!budget.IsSet)
        {
            Note(run, entry.Day, -amount);
            return;
        }

        await GiveBackAsync(OfRun(run), amount);
        await GiveBackAsync(OfDay(entry.Day), amount);
    }

    private static async Task GiveBackAsync(BudgetAccount account, decimal amount)
    {
        try
        {
            await account.AddAsync(-amount, limit: null, CancellationToken.None);
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            // The amount stays reserved.
        }
    }

    /// <returns>USD that would come back if the calls under way cost nothing, and what calls settled a moment ago may not have given back yet.
    /// </returns>
    private async Task<decimal> ReturnableAsync(RunReference? run, DateOnly day, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (reservedSince, settledSince) = (now - patience, now - (patience < LongestReturn ? patience : LongestReturn));
        var (reserved, settled) = (nameof(LedgerState.Reserved), nameof(LedgerState.Settled));
        var filter = TableClient.CreateQueryFilter(
            $"((State eq {reserved} and ReservedAt gt {reservedSince}) or (State eq {settled} and SettledAt gt {settledSince}))");
        if (run is not null) filter = $"{filter} and {LinesOf(run)}";
        return await QuerySinceAsync(reservedSince, day, filter, cancellationToken)
            .Where(l => run is not null || l.Day == day)
            .Select(l => l.ReturnableUsd)
            .SumAsync(cancellationToken);
    }

    private static Failure Exceeded(decimal amount, string setting, decimal? limit, string whose) => new(
        FailureCodes.BudgetExceeded,
        string.Create(
            CultureInfo.InvariantCulture,
            $"This call may cost {amount:0.######} USD, which is more than Budget:{setting} ({limit:0.######} USD) leaves for {whose}. Raise the budget and start the batch again. What is done is not paid again."),
        Retryable: true);

    private async Task AdjustAsync(Reservation reservation, decimal difference)
    {
        if (difference == 0) return;
        if (!budget.IsSet)
        {
            Note(reservation.Run, reservation.Entry.Day, difference);
            return;
        }

        await OfRun(reservation.Run).AddAsync(difference, limit: null, CancellationToken.None);
        await OfDay(reservation.Entry.Day).AddAsync(difference, limit: null, CancellationToken.None);
    }

    // A paid amount is written even if the caller has given up in the meantime, so there is no token.
    private async Task WriteAsync(Reservation reservation, LedgerEntry entry, IEnumerable<LedgerEntry> more)
    {
        List<TableTransactionAction> actions = [new(TableTransactionActionType.UpdateReplace, LedgerRow.ToEntity(entry), reservation.ETag)];
        actions.AddRange(more.Select(e => new TableTransactionAction(TableTransactionActionType.Add, LedgerRow.ToEntity(e))));

        // The last of the calls that are under way may hold the run up.
        var patience = Interlocked.Decrement(ref underWay) > 0 ? SettlingTogether : EndingTogether;
        for (var refusals = 1; ; refusals++)
        {
            try
            {
                await lines.WriteAsync(actions, patience);
                return;
            }
            catch (TableTransactionFailedException e) when (e.IsConditionNotMet())
            {
                // No other caller writes this line: an earlier try of this request did, and its answer was lost. If the line is
                // unchanged, the refusal was unfounded.
                var there = await table.GetEntityAsync<TableEntity>(
                    actions[0].Entity.PartitionKey, actions[0].Entity.RowKey, cancellationToken: CancellationToken.None);
                if (there.Value.ETag != reservation.ETag || refusals >= MaxUnfoundedRefusals) return;
            }
        }
    }

    private static string LinesOf(RunReference run)
    {
        var filter = TableClient.CreateQueryFilter($"Batch eq {run.Batch.Value} and RunSeq eq {run.RunSeq}");
        return LedgerRow.Text(run.BatchSince) is { } since ? $"{filter} and {TableClient.CreateQueryFilter($"BatchSince eq {since}")}" : filter;
    }

    /// <summary>
    /// Lines reserved at a time or later, day by day: within a day they lie in the order of their ids, so that a query can begin in the middle of
    /// one.
    /// </summary>
    private async IAsyncEnumerable<LedgerEntry> QuerySinceAsync(
        DateTimeOffset since, DateOnly to, string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var firstId = LedgerRow.FirstIdAt(since);
        for (var day = DayOf(since); day <= to; day = day.AddDays(1))
        {
            var partition = TableClient.CreateQueryFilter($"PartitionKey eq {LedgerRow.PartitionOf(day)} and RowKey ge {firstId}");
            await foreach (var entry in QueryAsync($"{partition} and {filter}", cancellationToken)) yield return entry;
        }
    }

    private async IAsyncEnumerable<LedgerEntry> QueryAsync(string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await CreateTableAsync(cancellationToken);
        var now = time.GetUtcNow();
        await foreach (var row in table.QueryAsync<TableEntity>(
            filter, cancellationToken: cancellationToken)) yield return LedgerRow.Read(row).At(now);
    }

    private async Task CreateTableAsync(CancellationToken cancellationToken)
    {
        if (created) return;
        await table.CreateIfNotExistsAsync(cancellationToken);
        created = true;
    }

    private BudgetAccount OfRun(RunReference run)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"run-{run.Batch.Key}-{run.RunSeq}");
        return Account(run.BatchSince is { } since ? string.Create(CultureInfo.InvariantCulture, $"{name}-{since.UtcTicks}") : name);
    }

    private BudgetAccount OfDay(DateOnly day) => Account($"day-{LedgerRow.PartitionOf(day)}");

    private BudgetAccount Account(string name)
    {
        if (accounts.Count >= CachedAccounts)
        {
            foreach (var (idle, account) in accounts) if (account.IsIdle) accounts.TryRemove(idle, out _);
        }

        return accounts.GetOrAdd(name, n => new BudgetAccount(table, n, time));
    }

    private static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    private static Uri TablesBeside(Uri blobs) =>
        new UriBuilder(blobs) { Host = blobs.Host.Replace(".blob.", ".table.", StringComparison.OrdinalIgnoreCase) }.Uri;

    private sealed record Refusal(Failure Failure, bool IsRuns, decimal LackingUsd, decimal LimitUsd);
}
