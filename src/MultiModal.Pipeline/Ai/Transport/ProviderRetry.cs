using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>
/// The only place that retries requests to providers (the SDK's own retries are off): transient faults are tried again after the
/// Retry-After time, or after an exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", AWS
/// Architecture Blog, 2015), never longer than the cap. A 429 delays all callers of the model. Where the model has a fallback, nobody insists: a
/// request is not sent again once the circuit is open, or where the model took all its time, or asks for more patience than the cap.
/// </summary>
/// <param name="engine">Name of the engine.</param>
/// <param name="options">Limits of attempts.</param>
/// <param name="throttle">The throttle of the model.</param>
/// <param name="clock">Clock for timeouts and waits.</param>
/// <param name="random">Source of the jitter.</param>
/// <param name="logger">Logger of every attempt that fails.</param>
/// <param name="circuit">The circuit breaker before a model that has a fallback; null where there is none.</param>
internal sealed partial class ProviderRetry(
    string engine,
    AiOptions options,
    ProviderThrottle throttle,
    TimeProvider clock,
    Random random,
    ILogger logger,
    EngineCircuit? circuit = null)
{
    /// <summary>Whether a request that may have been billed is sent again. It is not where one answer costs too much.</summary>
    public bool RepeatsBilled { get; init; } = true;

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(1);

    /// <summary>Runs <paramref name="send"/> until it succeeds, fails permanently, or no attempts are left.</summary>
    /// <param name="send">One attempt; its token is cancelled when the attempt's time is over. It turns the provider's behaviour into a reply and
    /// throws only for faults of the connection.</param>
    /// <param name="cancellationToken">Token that ends waits and the attempt under way.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; nothing else throws this.</exception>
    public async Task<ProviderRun<T>> RunAsync<T>(Func<CancellationToken, Task<ProviderReply<T>>> send, CancellationToken cancellationToken)
        where T : notnull
    {
        var attempts = new List<EngineAttempt>();
        var usage = Usage.None;
        while (true)
        {
            var reply = await AttemptAsync(send, attempts, cancellationToken);
            usage += reply.Usage;
            if (reply.IsSetAside) return new ProviderRun<T>(reply, usage, attempts);
            var again = reply.Transient && attempts.Count < options.MaxAttempts && (RepeatsBilled || !reply.MayBeBilled)
                && !LeavesTo(circuit, reply);
            var delay = reply.Transient ? Delay(attempts.Count, reply.RetryAfter) : TimeSpan.Zero;

            // A model that asks for more patience than anybody has is no longer asked, so that nobody needs to be held back.
            if (reply is { Transient: true, Status: 429 } && !(circuit is not null && IsFar(reply)))
            {
                throttle.Brake(delay);
                Telemetry.EngineBrakes.Add(1, new KeyValuePair<string, object?>("engine", engine));
            }

            if (reply.Outcome.Failure is { } failure) LogFailedAttempt(
                engine, attempts.Count, failure.Code, reply.Status, again ? delay.TotalMilliseconds : null);
            if (!again) return new ProviderRun<T>(reply, usage, attempts);
            await Task.Delay(delay, clock, cancellationToken);
        }
    }

    private async Task<ProviderReply<T>> AttemptAsync<T>(
        Func<CancellationToken, Task<ProviderReply<T>>> send,
        List<EngineAttempt> attempts,
        CancellationToken cancellationToken) where T : notnull
    {
        if (circuit is { IsOpen: true }) return ProviderFaults.SetAside<T>(engine);
        await throttle.EnterAsync(cancellationToken);
        var startedAt = clock.GetUtcNow();
        var started = clock.GetTimestamp();
        ProviderReply<T> reply;
        try
        {
            reply = circuit is null
                ? await SendAsync(send, cancellationToken)
                : await circuit.AskAsync(token => SendAsync(send, token), cancellationToken);
        }
        finally
        {
            throttle.Leave();
        }

        if (reply.IsSetAside) return reply;
        var elapsed = clock.GetElapsedTime(started);
        var code = reply.Outcome.Failure?.Code;
        attempts.Add(
            new EngineAttempt(
                startedAt, (long)elapsed.TotalMilliseconds, reply.Status, code, reply.Usage == Usage.None ? null : reply.Usage, reply.MayBeBilled));
        Measure(elapsed, code, reply.Usage);
        return reply;
    }

    private async Task<ProviderReply<T>> SendAsync<T>(Func<CancellationToken, Task<ProviderReply<T>>> send, CancellationToken cancellationToken)
        where T : notnull
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(options.TimeoutSeconds), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var reply = await send(either.Token);
            return IsFar(reply) ? reply with { Standing = EngineStanding.Down } : reply;
        }
        catch (Exception e) when (ProviderFaults.IsConnectionFault(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            return timeout.IsCancellationRequested
                ? ProviderFaults.TimedOut<T>(engine, options.TimeoutSeconds)
                : ProviderFaults.OfConnection<T>(engine, e);
        }
    }

    /// <summary>Whether the fallback is to be asked rather than this model once more.</summary>
    private bool LeavesTo<T>(EngineCircuit? fallback, ProviderReply<T> reply) where T : notnull =>
        fallback is not null && (fallback.IsOpen || reply.TookAllTime || IsFar(reply));

    private bool IsFar<T>(ProviderReply<T> reply) where T : notnull => reply.RetryAfter > TimeSpan.FromSeconds(options.MaxRetryDelaySeconds);

    private TimeSpan Delay(int attempt, TimeSpan? retryAfter)
    {
        var cap = TimeSpan.FromSeconds(options.MaxRetryDelaySeconds);
        if (retryAfter is { } asked) return asked < cap ? asked : cap;
        lock (random) return random.NextDouble() * new Backoff(FirstBackoff, cap).After(attempt);
    }

    private void Measure(TimeSpan elapsed, string? code, Usage usage)
    {
        var name = new KeyValuePair<string, object?>("engine", engine);
        Telemetry.EngineAttempts.Add(1, name, new KeyValuePair<string, object?>("code", code ?? "none"));
        Telemetry.EngineDuration.Record(elapsed.TotalSeconds, name);
        if (usage.InputTokens > 0) Telemetry.EngineTokens.Add(usage.InputTokens, name, new KeyValuePair<string, object?>("direction", "input"));
        if (usage.OutputTokens > 0) Telemetry.EngineTokens.Add(usage.OutputTokens, name, new KeyValuePair<string, object?>("direction", "output"));
        if (code is not null) Activity.Current?.AddEvent(new ActivityEvent("attempt failed", tags: new ActivityTagsCollection { ["code"] = code }));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Engine}: attempt {Attempt} ended with {Code} (HTTP {Status}); next in {DelayMs} ms")]
    private partial void LogFailedAttempt(string engine, int attempt, string code, int? status, double? delayMs);
}

/// <summary>A request with all its attempts.</summary>
internal sealed record ProviderRun<T>(ProviderReply<T> Last, Usage Usage, IReadOnlyList<EngineAttempt> Attempts) where T : notnull
{
    public EngineAnswer<T> Answer => AnswerAfter(Usage, Attempts);

    /// <summary>The answer after several requests, of which this is the last.</summary>
    /// <param name="usage">Sum over all of them.</param>
    /// <param name="attempts">Attempts at all of them.</param>
    public EngineAnswer<T> AnswerAfter(Usage usage, IReadOnlyList<EngineAttempt> attempts) =>
        new(Last.Outcome, usage, attempts) { Standing = Last.Outcome.Succeeded ? EngineStanding.Answers : Last.Standing };
}
