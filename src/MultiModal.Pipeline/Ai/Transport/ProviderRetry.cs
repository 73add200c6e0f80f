using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>
/// The only place that retries requests to providers (the SDK's own retries are off): transient faults are tried again after the
/// Retry-After time, or after an exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", AWS
/// Architecture Blog, 2015), never longer than the cap. A 429 delays all callers of the model.
/// </summary>
internal sealed partial class ProviderRetry(
    string engine,
    AiOptions options,
    ProviderThrottle throttle,
    TimeProvider clock,
    Random random,
    ILogger logger)
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
            var again = reply.Transient && attempts.Count < options.MaxAttempts && (RepeatsBilled || !reply.MayBeBilled);
            var delay = reply.Transient ? Delay(attempts.Count, reply.RetryAfter) : TimeSpan.Zero;
            if (reply is { Transient: true, Status: 429 })
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
        await throttle.EnterAsync(cancellationToken);
        var startedAt = clock.GetUtcNow();
        var started = clock.GetTimestamp();
        ProviderReply<T> reply;
        try
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(options.TimeoutSeconds), clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                reply = await send(either.Token);
            }
            catch (Exception e) when (ProviderFaults.IsConnectionFault(e))
            {
                cancellationToken.ThrowIfCancellationRequested();
                reply = timeout.IsCancellationRequested
                    ? ProviderFaults.TimedOut<T>(engine, options.TimeoutSeconds)
                    : ProviderFaults.OfConnection<T>(engine, e);
            }
        }
        finally
        {
            throttle.Leave();
        }

        var elapsed = clock.GetElapsedTime(started);
        var code = reply.Outcome.Failure?.Code;
        attempts.Add(
            new EngineAttempt(
                startedAt, (long)elapsed.TotalMilliseconds, reply.Status, code, reply.Usage == Usage.None ? null : reply.Usage, reply.MayBeBilled));
        Measure(elapsed, code, reply.Usage);
        return reply;
    }

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
    public EngineAnswer<T> Answer => new(Last.Outcome, Usage, Attempts);
}
