using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Transport;

namespace MultiModal.Pipeline.Tests.Ai;

public sealed class ProviderRetryTests : IDisposable
{
    private static readonly Failure Busy = new(FailureCodes.EngineRateLimited, "busy", Retryable: true);
    private static readonly Failure Broken = new(FailureCodes.EngineFault, "broken", Retryable: true);

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly AiOptions options = new() { MaxAttempts = 3, MaxConcurrency = 2, TimeoutSeconds = 30, MaxRetryDelaySeconds = 20 };
    private readonly ProviderThrottle throttle;

    public ProviderRetryTests() => throttle = new ProviderThrottle(options.MaxConcurrency, clock);

    public void Dispose() => throttle.Dispose();

    [Fact]
    public async Task Retry_after_is_waited_out_to_the_millisecond()
    {
        var sent = 0;
        var run = RunAsync(Retry(), _ => RepliesAsync(++sent == 1 ? Limited(TimeSpan.FromSeconds(7)) : Done()));

        Advance(TimeSpan.FromSeconds(6.999));
        Assert.Equal(1, sent);
        Advance(TimeSpan.FromMilliseconds(1));
        var answer = (await run).Answer;

        Assert.Equal("done", answer.Outcome.Value);
        Assert.Equal([FailureCodes.EngineRateLimited, null], answer.Attempts.Select(a => a.Code));
        Assert.Equal(TimeSpan.FromSeconds(7), answer.Attempts[1].StartedAt - answer.Attempts[0].StartedAt);
    }

    [Fact]
    public async Task A_retry_after_of_a_day_is_cut_to_the_cap()
    {
        var sent = 0;
        var run = RunAsync(Retry(), _ => RepliesAsync(++sent == 1 ? Limited(TimeSpan.FromDays(1)) : Done()));

        Advance(TimeSpan.FromSeconds(20));

        Assert.True((await run).Answer.Outcome.Succeeded);
    }

    [Fact]
    public async Task Without_retry_after_the_wait_is_random_up_to_a_doubling_bound()
    {
        var run = RunAsync(Retry(new HighestRandom()), _ => RepliesAsync(Fault()));

        Advance(TimeSpan.FromSeconds(1));
        Advance(TimeSpan.FromSeconds(2));
        var answer = (await run).Answer;

        Assert.Equal(FailureCodes.EngineFault, answer.Outcome.Failure?.Code);
        Assert.Equal(3, answer.Attempts.Count);
        Assert.Equal([1.0, 2.0], answer.Attempts.Zip(answer.Attempts.Skip(1), (a, b) => (b.StartedAt - a.StartedAt).TotalSeconds));
    }

    [Fact]
    public async Task A_final_failure_is_not_sent_again()
    {
        var rejected = new ProviderReply<string>(new Failure(FailureCodes.EngineRejected, "no"), Usage.None, 400);

        var answer = (await RunAsync(Retry(), _ => RepliesAsync(rejected))).Answer;

        Assert.Equal(400, Assert.Single(answer.Attempts).Status);
    }

    [Fact]
    public async Task A_429_brakes_callers_that_come_later()
    {
        var sent = 0;
        var first = RunAsync(Retry(), _ => RepliesAsync(++sent == 1 ? Limited(TimeSpan.FromSeconds(10)) : Done()));
        var asked = false;
        var second = RunAsync(Retry(), _ => { asked = true; return RepliesAsync(Done()); });

        Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(asked);
        Advance(TimeSpan.FromSeconds(0.1));
        await Task.WhenAll(first, second);

        Assert.True(asked);
    }

    [Fact]
    public async Task A_server_fault_delays_no_other_caller_and_a_waiting_caller_occupies_no_slot()
    {
        var retry = Retry();
        var waiting = Enumerable.Range(0, options.MaxConcurrency).Select(_ => RunAsync(retry, _ => RepliesAsync(Fault()))).ToList();

        var answer = (await RunAsync(retry, _ => RepliesAsync(Done()))).Answer;

        Assert.True(answer.Outcome.Succeeded);
        Assert.All(waiting, w => Assert.False(w.IsCompleted));
        for (var i = 0; i < options.MaxAttempts; i++) Advance(TimeSpan.FromSeconds(20));
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task No_more_than_max_concurrency_are_in_flight()
    {
        var gate = new TaskCompletionSource<ProviderReply<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var inFlight = 0;
        var retry = Retry();
        var runs = Enumerable.Range(0, 5).Select(_ => RunAsync(retry, _ => { Interlocked.Increment(ref inFlight); return gate.Task; })).ToList();

        Assert.Equal(options.MaxConcurrency, inFlight);
        gate.SetResult(Done());
        await Task.WhenAll(runs);
        Assert.Equal(5, inFlight);
    }

    [Fact]
    public async Task An_attempt_that_hangs_is_given_up_and_tried_again()
    {
        var sent = 0;
        var run = RunAsync(Retry(new LowestRandom()), async token =>
        {
            if (++sent == 1) await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return Done();
        });

        Advance(TimeSpan.FromSeconds(30));
        var answer = (await run).Answer;
        Assert.Equal([FailureCodes.EngineUnreachable, null], answer.Attempts.Select(a => a.Code));
        Assert.Null(answer.Attempts[0].Status);
    }

    [Fact]
    public async Task Usage_of_attempts_that_failed_counts()
    {
        var sent = 0;
        var bad = Fault() with { Usage = new Usage(InputTokens: 10) };
        var run = RunAsync(Retry(new LowestRandom()), _ => RepliesAsync(++sent == 1 ? bad : Done() with { Usage = new Usage(InputTokens: 5) }));

        Assert.Equal(15, (await run).Answer.Usage.InputTokens);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_between_attempts()
    {
        using var cancel = new CancellationTokenSource();
        var run = RunAsync(Retry(), _ => RepliesAsync(Limited(TimeSpan.FromSeconds(10))), cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private ProviderRetry Retry(Random? random = null) =>
        new("OpenAI/m", options, throttle, clock, random ?? new HighestRandom(), NullLogger.Instance);

    private static Task<ProviderRun<string>> RunAsync(
        ProviderRetry retry, Func<CancellationToken, Task<ProviderReply<string>>> send, CancellationToken cancellationToken = default) =>
        WithoutContext(() => retry.RunAsync(send, cancellationToken));

    private void Advance(TimeSpan time) => WithoutContext(() =>
    {
        clock.Advance(time);
        return true;
    });

    /// <summary>
    /// Without the test runner's synchronization context, what waits for the clock goes on within the advance, so that there is no race to it.
    /// </summary>
    private static T WithoutContext<T>(Func<T> act)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return act();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private static Task<ProviderReply<string>> RepliesAsync(ProviderReply<string> reply) => Task.FromResult(reply);

    private static ProviderReply<string> Done() => new("done", Usage.None, 200);

    private static ProviderReply<string> Limited(TimeSpan retryAfter) => new(Busy, Usage.None, 429, Transient: true, RetryAfter: retryAfter);

    private static ProviderReply<string> Fault() => new(Broken, Usage.None, 503, Transient: true);

    private sealed class HighestRandom : Random
    {
        public override double NextDouble() => 1;
    }

    private sealed class LowestRandom : Random
    {
        public override double NextDouble() => 0;
    }
}
