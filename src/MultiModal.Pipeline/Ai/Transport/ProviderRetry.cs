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

    /// <summary>How long a request may stay at flex in all, so that the standard tier has its time within the step.</summary>
    public TimeSpan LongestFlex { get; init; } = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(1);

    /// <summary>Pauses after a lack of capacity, which does not pass within a second.</summary>
    private static readonly Backoff CapacityPauses = new(TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(1));

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

    /// <summary>
    /// As <see cref="RunAsync"/>, at flex. A lack of capacity (429, 408, no answer in time) holds back requests for flex alone, and is waited out for
    /// <see cref="AiOptions.FlexPatienceSeconds"/>. Then the last reply says so, and the caller asks at the standard tier.
    /// </summary>
    /// <param name="send">One attempt, which names the tier.</param>
    /// <param name="cancellationToken">Token that ends waits and the attempt under way.</param>
    public async Task<ProviderRun<T>> RunFlexAsync<T>(Func<CancellationToken, Task<ProviderReply<T>>> send, CancellationToken cancellationToken)
        where T : notnull
    {
        var attempts = new List<EngineAttempt>();
        var usage = Usage.None;
        var began = clock.GetTimestamp();
        var patience = TimeSpan.FromSeconds(options.FlexPatienceSeconds);
        for (var lacks = 0; ;)
        {
            var held = throttle.Flex.Left;
            var spent = clock.GetElapsedTime(began);
            if (held > patience - spent || spent >= LongestFlex) return new ProviderRun<T>(ProviderFaults.NoCapacity<T>(engine), usage, attempts);
            if (held > TimeSpan.Zero) await Task.Delay(held, clock, cancellationToken);
            var reply = await AttemptAsync(send, attempts, cancellationToken, LongestFlex - clock.GetElapsedTime(began));
            usage += reply.Usage;
            if (reply.IsSetAside) return new ProviderRun<T>(reply, usage, attempts);
            var others = attempts.Count - lacks;
            if (reply.LacksCapacity) lacks++;
            var delay = reply.LacksCapacity ? CapacityDelay(lacks, reply.RetryAfter) : Delay(Math.Max(1, others), reply.RetryAfter);
            var left = (reply.LacksCapacity ? patience : LongestFlex) - clock.GetElapsedTime(began);
            var again = reply.Transient && !reply.TookAllTime && delay < left
                && (reply.LacksCapacity || (others < options.MaxAttempts && !LeavesTo(circuit, reply)));
            if (reply.LacksCapacity && !reply.TookAllTime)
            {
                throttle.Flex.Hold(delay);
                Telemetry.EngineBrakes.Add(1, new KeyValuePair<string, object?>("engine", $"{engine} flex"));
            }

            if (reply.Outcome.Failure is { } failure) LogFailedAttempt(
                $"{engine} at flex", attempts.Count, failure.Code, reply.Status, again ? delay.TotalMilliseconds : null);
            if (!again) return new ProviderRun<T>(reply, usage, attempts);
            if (!reply.LacksCapacity) await Task.Delay(delay, clock, cancellationToken);
        }
    }

    private async Task<ProviderReply<T>> AttemptAsync<T>(
        Func<CancellationToken, Task<ProviderReply<T>>> send,
        List<EngineAttempt> attempts,
        CancellationToken cancellationToken,
        TimeSpan? flexTime = null) where T : notnull
    {
        if (circuit is { IsOpen: true }) return ProviderFaults.SetAside<T>(engine);
        await throttle.EnterAsync(cancellationToken);
        var startedAt = clock.GetUtcNow();
        var started = clock.GetTimestamp();
        ProviderReply<T> reply;
        try
        {
            reply = circuit is null
                ? await SendAsync(send, flexTime, cancellationToken)
                : await circuit.AskAsync(token => SendAsync(send, flexTime, token), cancellationToken);
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

    /// <param name="send">Sends the request.</param>
    /// <param name="flexTime">The time that is left for flex; null for a request that names no tier.</param>
    /// <param name="cancellationToken">Token of the caller.</param>
    private async Task<ProviderReply<T>> SendAsync<T>(
        Func<CancellationToken, Task<ProviderReply<T>>> send, TimeSpan? flexTime, CancellationToken cancellationToken) where T : notnull
    {
        var limit = TimeSpan.FromSeconds(flexTime is null ? options.TimeoutSeconds : options.FlexTimeoutSeconds);
        if (flexTime < limit) limit = flexTime.Value;
        using var timeout = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var reply = await send(either.Token);

            // What flex has no capacity for, the standard tier may have: the model is not down.
            if (flexTime is not null && reply is { Transient: true, Status: 429 or 408 })
                return reply with { LacksCapacity = true, Standing = EngineStanding.Busy };
            return IsFar(reply) ? reply with { Standing = EngineStanding.Down } : reply;
        }
        catch (Exception e) when (ProviderFaults.IsConnectionFault(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!timeout.IsCancellationRequested) return ProviderFaults.OfConnection<T>(engine, e);
            return flexTime is null
                ? ProviderFaults.TimedOut<T>(engine, limit, "Ai:TimeoutSeconds")
                : ProviderFaults.TimedOut<T>(engine, limit, "Ai:FlexTimeoutSeconds") with { LacksCapacity = true, Standing = EngineStanding.Busy };
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

    private TimeSpan CapacityDelay(int lack, TimeSpan? retryAfter)
    {
        if (retryAfter is { } asked) return asked;
        var pause = CapacityPauses.After(lack);
        lock (random) return (pause / 2) + (random.NextDouble() * pause / 2);
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
