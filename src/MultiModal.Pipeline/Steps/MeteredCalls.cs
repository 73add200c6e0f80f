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
        var flight = await flights.BoardAsync<T>(subject.Key, subject.Fallback?.Question ?? subject.Key, subject.Run.Batch, cancellationToken);
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
            if (subject.Reserves is { Failure: { } reason })
                return new MeteredCall<T>(this, subject, flight, Refused(subject, subject.Engine, reason, estimatedUsd: null));
            var (estimated, assumed, unpriced) = ReservedFor(subject, now);
            var reserved = await ledger.ReserveAsync(
                subject.Run, subject.Step, subject.Engine, estimated, assumed, cancellationToken, unpriced);
            return reserved.Succeeded
                ? new MeteredCall<T>(this, subject, flight, now, estimated, reserved.Value)
                : new MeteredCall<T>(this, subject, flight, Refused(subject, unpriced ?? subject.Engine, reserved.Failure, estimated));
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
        var subject = call.Subject;
        var asked = subject.AskedFor(answer);
        var engine = asked.Engine;
        var (own, other) = (UseOf(call, answer), answer.Other is { } before ? UseOf(call, before) : null);
        var saved = engine.IsFree || answer.Usage == Usage.None ? 0 : SavedByOptimizing(asked, call.Began);
        var (usage, cost) = (own.Usage + (other?.Usage ?? Usage.None), own.CostUsd + (other is null ? 0 : other.CostUsd));
        try
        {
            if (answer.Outcome.Succeeded)
            {
                await call.Flight.KeepAsync(
                    asked.Key, new CachedAnswer<T>(answer.Outcome.Value, engine.Name, usage, cost, time.GetUtcNow()), files, cancellationToken);
            }
        }
        finally
        {
            // The flight ends after the answer is kept: if the process dies in between, its line in the ledger becomes unknown, but no
            // one pays a second time.
            await call.Flight.DisposeAsync();
            if (call.Reservation is { } reservation) await SettleAsync(reservation, own, saved, other);
        }

        var work = answer.Outcome.Succeeded
            ? StepWork.Done(answer.Outcome.Value) with { CacheName = asked.Key.Name }
            : StepWork.Failed(answer.Outcome.Failure);
        return work with
        {
            Engine = engine.Name,
            IsOfFallback = answer.IsOfFallback,
            Cache = CacheOutcome.Miss,
            Attempts = AttemptsOf(subject, answer),
            Usage = usage,
            Estimate = engine.IsFree ? null : asked.Sent.Expected,
            EstimatedUsd = call.EstimatedUsd,
            PriceAssumed = own.PriceAssumed || other?.PriceAssumed == true,
            CostUsd = cost,
            SavedByOptimizingUsd = saved,
            OriginalInputTokens = saved > 0 ? subject.Original.Expected.InputTokens : null,
        };
    }

    /// <summary>Marks a call whose answer never came as unknown in the ledger, because it may have been billed.</summary>
    internal async Task AbandonAsync(Reservation reservation) => await ledger.MarkUnknownAsync(reservation);

    private async Task<StepWork> ReuseAsync<T>(
        CallSubject subject, CacheKey key, CacheOutcome outcome, CachedAnswer<T> known, CancellationToken cancellationToken) where T : notnull
    {
        var saved = subject.Run.IsRetry && known.CostUsd is not null ? 0 : known.CostUsd;
        var fallback = subject.Fallback is { } other && other.Key == key && key != subject.Key ? other.Engine : null;
        if (saved is > 0 and { } usd) await ledger.SaveAsync(subject.Run, subject.Step, fallback ?? subject.Engine, usd, cancellationToken);
        return StepWork.Done(known.Value) with
        {
            CacheName = key.Name,
            Engine = known.Engine ?? subject.Engine.Name,
            IsOfFallback = fallback is not null,
            Cache = outcome,
            SavedByCacheUsd = saved,
        };
    }

    /// <summary>
    /// What is reserved for a call. Where there is a fallback, nobody knows yet who will answer: the dearer of the two is reserved, and both have to
    /// have a price where there is a budget.
    /// </summary>
    private (decimal? Usd, bool Assumed, EngineIdentity? Unpriced) ReservedFor(CallSubject subject, DateTimeOffset when)
    {
        var first = PriceOf(subject.Engine, subject.Sent);
        if (subject.Reserves is { } fixedUsd) return (fixedUsd.Value, first.Assumed, null);
        if (subject.Fallback is not { } fallback) return (first.Usd, first.Assumed, null);
        var instead = PriceOf(fallback.Engine, fallback.Sent);
        var unpriced = first.Usd is null ? subject.Engine : instead.Usd is null ? fallback.Engine : null;
        return instead.Usd > (first.Usd ?? 0) ? (instead.Usd, instead.Assumed, unpriced) : (first.Usd, first.Assumed, unpriced);

        (decimal? Usd, bool Assumed) PriceOf(EngineIdentity engine, CallEstimate sent) =>
            (prices.PriceOf(engine, sent.Expected, when), prices.IsAssumed(engine, sent.Expected, when));
    }

    private static StepWork Refused(
        CallSubject subject, EngineIdentity engine, Failure failure, decimal? estimatedUsd) => StepWork.Failed(failure) with
    {
        Engine = engine.Name,
        Cache = CacheOutcome.Miss,
        Estimate = subject.Sent.Expected,
        EstimatedUsd = estimatedUsd,
    };

    /// <summary>
    /// What an engine used and what that costs. Attempts are priced each by itself: one can have a long prompt, or another tier than the next.
    /// </summary>
    private EngineUse UseOf<T>(MeteredCall<T> call, EngineAnswer<T> answer) where T : notnull
    {
        var engine = call.Subject.AskedFor(answer).Engine;
        var reported = answer.Attempts.Select(attempt => attempt.Usage).OfType<Usage>().ToList();
        var billed = reported.Count > 0 ? reported : [answer.Usage];
        return new(
            engine.Name,
            answer.Usage,
            billed.Aggregate((decimal?)0, (sum, usage) => sum + prices.PriceOf(engine, usage, call.Began)),
            billed.Any(usage => prices.IsAssumed(engine, usage, call.Began)),
            answer.Attempts.Count(attempt => attempt.MayBeBilled));
    }

    /// <summary>All attempts in the order of their time. Those at another engine than the one that answered name it.</summary>
    private static IReadOnlyList<EngineAttempt> AttemptsOf<T>(CallSubject subject, EngineAnswer<T> answer) where T : notnull
    {
        if (answer.Other is not { } other) return answer.Attempts;
        var engine = subject.AskedFor(other).Engine.Name;
        return [.. answer.Attempts.Concat(other.Attempts.Select(attempt => attempt with { Engine = engine })).OrderBy(attempt => attempt.StartedAt)];
    }

    private async Task SettleAsync(Reservation reservation, EngineUse own, decimal? savedUsd, EngineUse? other)
    {
        try
        {
            await ledger.SettleAsync(reservation, own.Usage, own.CostUsd, savedUsd, own.LostAttempts, own.PriceAssumed, own.Engine, other);
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
    private decimal? SavedByOptimizing(AskedEngine asked, DateTimeOffset when) =>
        asked.Original == asked.Sent ? 0
        : asked.Sent.MediaIsKnown
        ? prices.PriceOf(asked.Engine, InputOf(asked.Original), when) - prices.PriceOf(asked.Engine, InputOf(asked.Sent), when)
        : prices.PriceOf(asked.Engine, asked.Sent.Expected, when) is null ? null : 0;

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
/// <param name="Keys">Keys that are equal for equal questions: that of the engine, then those of other engines whose answers are taken.</param>
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

    /// <summary>Keys under which earlier versions, or a fallback, may have kept an answer.</summary>
    public IEnumerable<CacheKey> EarlierKeys => Keys.Skip(1);

    /// <summary>The engine that is asked where the first one does not answer; null for none. One of the keys is that of its answer.</summary>
    public FallbackSubject? Fallback { get; init; }

    /// <summary>The engine that gave an answer, with what it was asked.</summary>
    internal AskedEngine AskedFor<T>(EngineAnswer<T> answer) where T : notnull => answer.IsOfFallback && Fallback is { } fallback
        ? new AskedEngine(fallback.Engine, fallback.Key, fallback.Sent, fallback.Original)
        : new AskedEngine(Engine, Key, Sent, Original);
}

/// <summary>What is asked of a fallback.</summary>
/// <param name="Question">The question whichever engine answers.</param>
/// <param name="Engine">The fallback.</param>
/// <param name="Key">The key under which an answer of the fallback is kept.</param>
/// <param name="Sent">Estimate for the content that is sent.</param>
/// <param name="Original">Estimate for the content without optimising.</param>
internal sealed record FallbackSubject(CacheKey Question, EngineIdentity Engine, CacheKey Key, CallEstimate Sent, CallEstimate Original);

/// <summary>An engine that was asked.</summary>
internal sealed record AskedEngine(EngineIdentity Engine, CacheKey Key, CallEstimate Sent, CallEstimate Original);

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
