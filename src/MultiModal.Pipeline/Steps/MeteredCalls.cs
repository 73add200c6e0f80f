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
/// The one place where engines are asked: under single flight, paid once for each key, whoever asks; reserved in the ledger
/// before, settled after. Free engines are asked without a line.
/// </summary>
internal sealed partial class MeteredCalls(SingleFlight flights, PriceBook prices, CostLedger ledger, TimeProvider time, ILogger<MeteredCalls> logger)
{
    /// <param name="run">Who pays.</param>
    /// <param name="step">One of <see cref="StepNames"/>.</param>
    /// <param name="key">What makes two questions the same.</param>
    /// <param name="engine">Who is asked.</param>
    /// <param name="sent">Estimate for what is sent.</param>
    /// <param name="original">Estimate for what would have been sent without optimising; <paramref name="sent"/> where nothing is optimised.</param>
    /// <param name="ask">Asks.</param>
    /// <param name="cancellationToken">Ends waiting and asking.</param>
    public async Task<StepWork> CallAsync<T>(
        RunReference run,
        string step,
        CacheKey key,
        EngineIdentity engine,
        CallEstimate sent,
        CallEstimate original,
        Func<CancellationToken, Task<EngineAnswer<T>>> ask,
        CancellationToken cancellationToken) where T : notnull
    {
        Asked<T>? asked = null;
        Flight<T> flight;
        try
        {
            flight = await flights.RunAsync(
                key,
                async token =>
                {
                    asked = await PayAsync(run, step, engine, sent, original, ask, token);
                    return asked.Answer.Outcome.Succeeded ? new CachedAnswer<T>(asked.Answer.Outcome.Value, engine.Name, asked.Answer.Usage, asked.CostUsd, time.GetUtcNow()) : null;
                },
                cancellationToken);
        }
        finally
        {
            // After the answer is kept: whoever dies in between leaves a line that becomes unknown, and nobody pays a second time.
            if (asked is { Reservation: { } reservation }) await SettleAsync(reservation, asked, engine);
        }

        var work = flight.Answer is { } answer ? StepWork.Done(answer.Value) with { CacheName = key.Name } : StepWork.Failed(asked!.Answer.Outcome.Failure!);
        work = work with { Engine = engine.Name, Cache = flight.Cache };
        if (asked is null)
        {
            var saved = flight.Answer!.CostUsd;
            if (saved > 0) await ledger.SaveAsync(run, step, engine, saved.Value, cancellationToken);
            return work with { SavedByCacheUsd = saved };
        }

        return work with
        {
            Attempts = asked.Answer.Attempts,
            Usage = asked.Answer.Usage,
            Estimate = engine.IsFree ? null : sent.Expected,
            EstimatedUsd = asked.EstimatedUsd,
            CostUsd = asked.CostUsd,
            SavedByOptimizingUsd = asked.SavedUsd,
        };
    }

    private async Task<Asked<T>> PayAsync<T>(
        RunReference run, string step, EngineIdentity engine, CallEstimate sent, CallEstimate original, Func<CancellationToken, Task<EngineAnswer<T>>> ask, CancellationToken cancellationToken) where T : notnull
    {
        if (engine.IsFree) return new Asked<T>(await ask(cancellationToken), null, 0, 0);
        var now = time.GetUtcNow();
        var estimated = prices.PriceOf(engine, sent.Expected, now);
        var reserved = await ledger.ReserveAsync(run, step, engine, estimated, cancellationToken);
        if (!reserved.Succeeded) return new Asked<T>(new EngineAnswer<T>(reserved.Failure), estimated, 0, 0);

        EngineAnswer<T>? answer = null;
        try
        {
            answer = await ask(cancellationToken);
        }
        finally
        {
            if (answer is null) await ledger.MarkUnknownAsync(reserved.Value);
        }

        var cost = prices.PriceOf(engine, answer.Usage, now);
        var saved = answer.Usage == Usage.None ? 0 : SavedByOptimizing(engine, sent, original, now);
        return new Asked<T>(answer, estimated, cost, saved, reserved.Value);
    }

    private async Task SettleAsync<T>(Reservation reservation, Asked<T> asked, EngineIdentity engine) where T : notnull
    {
        try
        {
            await ledger.SettleAsync(reservation, asked.Answer.Usage, asked.CostUsd, asked.SavedUsd, asked.Answer.Attempts.Count(a => a.MayBeBilled));
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            // A fault of the ledger does not fail a step whose answer is there.
            LogNotSettled(e, reservation.Run.Batch.Value, reservation.Run.RunSeq, reservation.Entry.Step, engine.Name);
        }
    }

    /// <summary>What docs/costs.md defines: the original at the same model and detail minus what was sent, both by the provider's rule.</summary>
    private decimal? SavedByOptimizing(EngineIdentity engine, CallEstimate sent, CallEstimate original, DateTimeOffset when) =>
        original == sent ? 0
        : sent.MediaIsKnown ? prices.PriceOf(engine, InputOf(original), when) - prices.PriceOf(engine, InputOf(sent), when)
        : prices.PriceOf(engine, sent.Expected, when) is null ? null : 0;

    /// <summary>What is answered does not get shorter by sending less.</summary>
    private static Usage InputOf(CallEstimate estimate) => estimate.Expected with { OutputTokens = 0 };

    [LoggerMessage(LogLevel.Error, "{Batch} run {RunSeq}: a call of {Step} to {Engine} could not be settled in the ledger; it will count as unknown, at its estimate")]
    private partial void LogNotSettled(Exception fault, string batch, int runSeq, string step, string engine);

    private sealed record Asked<T>(EngineAnswer<T> Answer, decimal? EstimatedUsd, decimal? CostUsd, decimal? SavedUsd, Reservation? Reservation = null) where T : notnull;
}
