using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>
/// The circuit breaker before a model that has a fallback. It opens when five attempts in a row have failed, whoever made them: from then on the model
/// is not asked, for a pause. After the pause a single request goes to it. If that is answered, all of them go to it again; if not, there is a pause
/// that is twice as long, up to ten times the first.
/// </summary>
internal sealed partial class EngineCircuit
{
    private const int FailuresInARow = 5;
    private const int LongestPauses = 10;

    private readonly string engine;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly CircuitBreakerStateProvider state = new();
    private readonly ResiliencePipeline pipeline;
    private volatile Opening? opening;
    private int failures;

    /// <param name="engine">Name of the model for logs.</param>
    /// <param name="pause">The first pause.</param>
    /// <param name="clock">Clock for pauses.</param>
    /// <param name="logger">Logger of every change.</param>
    public EngineCircuit(string engine, TimeSpan pause, TimeProvider clock, ILogger logger)
    {
        (this.engine, this.clock, this.logger) = (engine, clock, logger);
        var pauses = new Backoff(pause, pause * LongestPauses);
        pipeline = new ResiliencePipelineBuilder { TimeProvider = new MonotonicTime(clock) }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                // A share of a time's attempts would be slow to notice the end of a busy model, and quick to give up an idle one. So the row is
                // counted here, and its last failure opens the circuit.
                FailureRatio = 0,
                MinimumThroughput = 2,
                SamplingDuration = TimeSpan.FromDays(1),
                BreakDurationGenerator = args => ValueTask.FromResult(pauses.After(args.HalfOpenAttempts + 1)),
                ShouldHandle = args => ValueTask.FromResult(IsFailure(args.Outcome)),
                OnOpened = args => Opened(args.Outcome, args.BreakDuration),
                OnClosed = _ => Closed(),
                StateProvider = state,
            })
            .Build();
    }

    /// <summary>Since when the model is not asked, and why; null while it is.</summary>
    public EngineOutage? Outage => state.CircuitState == CircuitState.Closed || opening is not { } last ? null : last.Outage;

    /// <summary>Whether the model is not to be asked now.</summary>
    public bool IsOpen => state.CircuitState == CircuitState.Open && opening is { } last && clock.GetElapsedTime(last.At) < last.Pause;

    /// <summary>Sends a request, unless the circuit is open or another caller's request tries whether the model answers again.</summary>
    public async Task<ProviderReply<T>> AskAsync<T>(Func<CancellationToken, Task<ProviderReply<T>>> send, CancellationToken cancellationToken)
        where T : notnull
    {
        try
        {
            return await pipeline.ExecuteAsync(static async (ask, token) => await ask(token), send, cancellationToken);
        }
        catch (BrokenCircuitException)
        {
            return ProviderFaults.SetAside<T>(engine);
        }
    }

    /// <summary>A request that its caller gave up says nothing, but it does not show that the model answers again either.</summary>
    private bool IsFailure(Polly.Outcome<object> outcome)
    {
        if (outcome.Exception is not null) return state.CircuitState == CircuitState.HalfOpen;
        if (outcome.Result is IProviderReply { Standing: EngineStanding.Down }) return Interlocked.Increment(ref failures) >= FailuresInARow;
        Interlocked.Exchange(ref failures, 0);
        return false;
    }

    private ValueTask Opened(Polly.Outcome<object> outcome, TimeSpan pause)
    {
        var code = (outcome.Result as IProviderReply)?.Failure?.Code ?? FailureCodes.EngineUnreachable;
        var since = opening?.Outage.Since ?? clock.GetUtcNow();
        opening = new Opening(new EngineOutage(since, code), clock.GetTimestamp(), pause);
        Telemetry.Recovered("engine-set-aside");
        LogOpened(FailureCodes.FallbackServes, engine, code, pause.TotalSeconds);
        return default;
    }

    private ValueTask Closed()
    {
        opening = null;
        LogClosed(engine);
        return default;
    }

    private sealed record Opening(EngineOutage Outage, long At, TimeSpan Pause);

    [LoggerMessage(LogLevel.Warning, "{Code}: {Engine} keeps failing ({Reason}). Its fallback is asked, for {Seconds} s at least")]
    private partial void LogOpened(string code, string engine, string reason, double seconds);

    [LoggerMessage(LogLevel.Warning, "{Engine} answers again and is asked again")]
    private partial void LogClosed(string engine);
}
