using Azure;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Steps;

/// <summary>
/// The single place where engines are called: under single flight, paid once for each key whoever calls, reserved in the ledger before
/// and settled after. Calls of free engines have no line in the ledger.
/// </summary>
internal sealed partial class MeteredCalls(
    SingleFlight flights, ContentCache cache, PriceBook prices, CostLedger ledger, TimeProvider time, ILogger<MeteredCalls> logger)
{
    /// <summary>
    /// Looks for the answer, and acquires what the call needs: the lock on its key and, for a paid engine, a reservation in the ledger.
    /// If <see cref="MeteredCall{T}.Work"/> is not null, no call is needed. Otherwise the caller calls the engine and completes the call
    /// with its answer.
    /// </summary>
    public async Task<MeteredCall<T>> BeginAsync<T>(CallSubject subject, CancellationToken cancellationToken) where T : notnull
    {
        var flight = await flights.BoardAsync<T>(subject.Key, subject.Run.Batch, cancellationToken);
        try
        {
            if (flight.Answer is { } known) return new MeteredCall<T>(
                this, subject, flight, await ReuseAsync(subject, subject.Key, flight.Cache, known, cancellationToken));
            foreach (var key in subject.EarlierKeys)
            {
                if (await cache.UseAsync<T>(key, subject.Run.Batch, cancellationToken) is { } earlier) return new MeteredCall<T>(
                    this, subject, flight, await ReuseAsync(subject, key, CacheOutcome.Hit, earlier, cancellationToken));
            }

            if (subject.Engine.IsFree) return new MeteredCall<T>(this, subject, flight, time.GetUtcNow(), estimatedUsd: null, reservation: null);

            var now = time.GetUtcNow();
            if (subject.Reserves is { Failure: { } reason }) return new MeteredCall<T>(this, subject, flight, Refused(subject, reason, estimatedUsd: null));
            var estimated = subject.Reserves?.Value ?? prices.PriceOf(subject.Engine, subject.Sent.Expected, now);
            var reserved = await ledger.ReserveAsync(
                subject.Run, subject.Step, subject.Engine, estimated, prices.IsAssumed(subject.Engine, subject.Sent.Expected, now), cancellationToken);
            return reserved.Succeeded
                ? new MeteredCall<T>(this, subject, flight, now, estimated, reserved.Value)
                : new MeteredCall<T>(this, subject, flight, Refused(subject, reserved.Failure, estimated));
        }
        catch
        {
            await flight.DisposeAsync();
            throw;
        }
    }

    internal async Task<StepWork> CompleteAsync<T>(
        MeteredCall<T> call, EngineAnswer<T> answer, IReadOnlyList<CacheFile> files, CancellationToken cancellationToken) where T : notnull
    {
        var (subject, engine) = (call.Subject, call.Subject.Engine);
        var billed = BilledOf(answer);
        var cost = billed.Aggregate((decimal?)0, (sum, usage) => sum + prices.PriceOf(engine, usage, call.Began));
        var assumed = billed.Any(usage => prices.IsAssumed(engine, usage, call.Began));
        var saved = engine.IsFree || answer.Usage == Usage.None ? 0 : SavedByOptimizing(subject, call.Began);
        try
        {
            if (answer.Outcome.Succeeded)
            {
                await call.Flight.KeepAsync(
                    new CachedAnswer<T>(answer.Outcome.Value, engine.Name, answer.Usage, cost, time.GetUtcNow()), files, cancellationToken);
            }
        }
        finally
        {
            // The flight ends after the answer is kept: if the process dies in between, its line in the ledger becomes unknown, but no
            // one pays a second time.
            await call.Flight.DisposeAsync();
            if (call.Reservation is { } reservation) await SettleAsync(
                reservation, answer.Usage, cost, saved, answer.Attempts.Count(a => a.MayBeBilled), assumed);
        }

        var work = answer.Outcome.Succeeded
            ? StepWork.Done(answer.Outcome.Value) with { CacheName = subject.Key.Name }
            : StepWork.Failed(answer.Outcome.Failure);
        return work with
        {
            Engine = engine.Name,
            Cache = CacheOutcome.Miss,
            Attempts = answer.Attempts,
            Usage = answer.Usage,
            Estimate = engine.IsFree ? null : subject.Sent.Expected,
            EstimatedUsd = call.EstimatedUsd,
            PriceAssumed = assumed,
            CostUsd = cost,
            SavedByOptimizingUsd = saved,
        };
    }

    /// <summary>Marks a call whose answer never came as unknown in the ledger, because it may have been billed.</summary>
    internal async Task AbandonAsync(Reservation reservation) => await ledger.MarkUnknownAsync(reservation);

    private async Task<StepWork> ReuseAsync<T>(
        CallSubject subject, CacheKey key, CacheOutcome outcome, CachedAnswer<T> known, CancellationToken cancellationToken) where T : notnull
    {
        var saved = subject.Run.IsRetry && known.CostUsd is not null ? 0 : known.CostUsd;
        if (saved is > 0 and { } usd) await ledger.SaveAsync(subject.Run, subject.Step, subject.Engine, usd, cancellationToken);
        return StepWork.Done(
            known.Value) with { CacheName = key.Name, Engine = known.Engine ?? subject.Engine.Name, Cache = outcome, SavedByCacheUsd = saved };
    }

    private static StepWork Refused(CallSubject subject, Failure failure, decimal? estimatedUsd) => StepWork.Failed(failure) with
    {
        Engine = subject.Engine.Name,
        Cache = CacheOutcome.Miss,
        Estimate = subject.Sent.Expected,
        EstimatedUsd = estimatedUsd,
    };

    /// <summary>What the attempts used, each by itself: one can have a long prompt, or another tier than the next.</summary>
    private static List<Usage> BilledOf<T>(EngineAnswer<T> answer) where T : notnull
    {
        var reported = answer.Attempts.Select(attempt => attempt.Usage).OfType<Usage>().ToList();
        return reported.Count > 0 ? reported : [answer.Usage];
    }

    private async Task SettleAsync(
        Reservation reservation, Usage usage, decimal? costUsd, decimal? savedUsd, int lostAttempts, bool priceAssumed)
    {
        try
        {
            await ledger.SettleAsync(reservation, usage, costUsd, savedUsd, lostAttempts, priceAssumed);
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            // A fault of the ledger does not fail a step that has its answer.
            LogNotSettled(e, reservation.Run.Batch.Value, reservation.Run.RunSeq, reservation.Entry.Step, reservation.Entry.Engine);
        }
    }

    /// <summary>
    /// Computes the saving that docs/costs.md defines: the original at the same model and detail minus the content sent, both by the
    /// provider's rule.
    /// </summary>
    private decimal? SavedByOptimizing(CallSubject subject, DateTimeOffset when) =>
        subject.Original == subject.Sent ? 0
        : subject.Sent.MediaIsKnown
        ? prices.PriceOf(subject.Engine, InputOf(subject.Original), when) - prices.PriceOf(subject.Engine, InputOf(subject.Sent), when)
        : prices.PriceOf(subject.Engine, subject.Sent.Expected, when) is null ? null : 0;

    /// <summary>Returns an estimate without output, because sending less does not make the answer shorter.</summary>
    private static Usage InputOf(CallEstimate estimate) => estimate.Expected with { OutputTokens = 0 };

    [LoggerMessage(
        LogLevel.Error,
        "{Batch} run {RunSeq}: a call of {Step} to {Engine} could not be settled in the ledger. It counts as unknown, at its estimate")]
    private partial void LogNotSettled(Exception fault, string batch, int runSeq, string step, string engine);
}

/// <summary>The subject of a call to an engine.</summary>
/// <param name="Run">The run that pays.</param>
/// <param name="Step">Name of the step.</param>
/// <param name="Keys">Keys that are equal for equal questions: that of the engine, and those of the engines before it.</param>
/// <param name="Engine">The engine that is called.</param>
/// <param name="Sent">Estimate for the content that is sent.</param>
/// <param name="Original">Estimate for the content without optimising; equal to <paramref name="Sent"/> if nothing is optimised.</param>
internal sealed record CallSubject(
    RunReference Run, string Step, IReadOnlyList<CacheKey> Keys, EngineIdentity Engine, CallEstimate Sent, CallEstimate Original)
{
    /// <summary>The key under which an answer of the engine is kept.</summary>
    public CacheKey Key => Keys[0];

    /// <summary>
    /// What is reserved for the call, in USD, or why it is not made. If it is null, the price of what is expected is reserved.
    /// </summary>
    public Outcome<decimal>? Reserves { get; init; }

    /// <summary>Keys under which earlier versions may have kept an answer.</summary>
    public IEnumerable<CacheKey> EarlierKeys => Keys.Skip(1);
}

/// <summary>
/// A call that has begun. If it is disposed without an answer, its reservation becomes unknown in the ledger and its lock is released.
/// </summary>
internal sealed class MeteredCall<T> : IAsyncDisposable where T : notnull
{
    private readonly MeteredCalls calls;
    private bool completed;

    /// <summary>Creates a call that needs no engine.</summary>
    internal MeteredCall(MeteredCalls calls, CallSubject subject, Flight<T> flight, StepWork work) =>
        (this.calls, Subject, Flight, Work, completed) = (calls, subject, flight, work, true);

    internal MeteredCall(
        MeteredCalls calls, CallSubject subject, Flight<T> flight, DateTimeOffset began, decimal? estimatedUsd, Reservation? reservation) =>
        (this.calls, Subject, Flight, Began, EstimatedUsd, Reservation) = (calls, subject, flight, began, estimatedUsd, reservation);

    /// <summary>
    /// Result of the step without a call: the known answer, or the ledger's reason for refusing. It is null if the engine must be called.
    /// </summary>
    public StepWork? Work { get; }

    internal CallSubject Subject { get; }

    internal Flight<T> Flight { get; }

    internal DateTimeOffset Began { get; }

    internal decimal? EstimatedUsd { get; }

    internal Reservation? Reservation { get; }

    /// <summary>Stores a good answer for all callers with the same question, and settles its cost.</summary>
    public Task<StepWork> CompleteAsync(EngineAnswer<T> answer, CancellationToken cancellationToken) =>
        CompleteAsync(answer, [], cancellationToken);

    /// <summary>As the other, with files that belong to the answer and are stored before it.</summary>
    public Task<StepWork> CompleteAsync(EngineAnswer<T> answer, IReadOnlyList<CacheFile> files, CancellationToken cancellationToken)
    {
        completed = true;
        return calls.CompleteAsync(this, answer, files, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!completed && Reservation is { } reservation) await calls.AbandonAsync(reservation);
        }
        finally
        {
            await Flight.DisposeAsync();
        }
    }
}
