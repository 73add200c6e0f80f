using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Transport;

namespace MultiModal.Pipeline.Tests.Ai;

/// <summary>Requests at <c>service_tier: flex</c>: their own brake, patience and time, and who is asked at it.</summary>
public sealed class FlexTests : IDisposable
{
    private static readonly Failure Busy = new(FailureCodes.EngineRateLimited, "busy", Retryable: true);

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly AiOptions options = new() { MaxAttempts = 3, MaxConcurrency = 2, FlexPatienceSeconds = 60, FlexTimeoutSeconds = 900 };
    private readonly ProviderThrottle throttle;

    public FlexTests() => throttle = new ProviderThrottle(options.MaxConcurrency, clock);

    public void Dispose() => throttle.Dispose();

    [Theory]
    [InlineData(429)]
    [InlineData(408)]
    public async Task A_lack_of_capacity_holds_back_requests_at_flex_and_no_others(int status)
    {
        var (retry, sent) = (Retry(), 0);
        var first = Start(() => retry.RunFlexAsync(_ => Task.FromResult(++sent == 1 ? Lacking(status, TimeSpan.FromSeconds(20)) : Done()), default));
        var second = Start(() => retry.RunFlexAsync(_ => Task.FromResult(Done()), default));

        Assert.True((await retry.RunAsync(_ => Task.FromResult(Done()), default)).Answer.Outcome.Succeeded);
        Assert.False(first.IsCompleted || second.IsCompleted);
        Advance(TimeSpan.FromSeconds(20));
        Assert.True((await first).Answer.Outcome.Succeeded);
        Assert.True((await second).Answer.Outcome.Succeeded);
        Assert.Equal(2, sent);
    }

    [Fact]
    public async Task Patience_ends_after_its_time_and_more_attempts_than_others_have()
    {
        var (retry, sent) = (Retry(), 0);
        var run = Start(() => retry.RunFlexAsync(_ => Task.FromResult(Lacking(429, TimeSpan.FromSeconds(++sent == 6 ? 11 : 10))), default));
        for (var i = 0; i < 6; i++) Advance(TimeSpan.FromSeconds(10));

        var ended = await run;
        Assert.True(ended.Last.LacksCapacity);
        Assert.Equal(6, sent);
        Assert.Equal(EngineStanding.Busy, ended.Last.Standing);
    }

    [Fact]
    public async Task A_pause_that_is_longer_than_the_patience_is_not_waited_for()
    {
        var (retry, sent) = (Retry(), 0);
        Func<CancellationToken, Task<ProviderReply<string>>> send = _ =>
        {
            sent++;
            return Task.FromResult(Lacking(429, TimeSpan.FromMinutes(5)));
        };

        Assert.True((await retry.RunFlexAsync(send, default)).Last.LacksCapacity);
        Assert.True((await retry.RunFlexAsync(send, default)).Last.LacksCapacity);
        Assert.Equal(1, sent);
    }

    [Fact]
    public async Task An_attempt_at_flex_has_a_time_of_its_own_within_the_step()
    {
        var retry = Retry(TimeSpan.FromSeconds(700));
        var run = Start(() => retry.RunFlexAsync(
            async token =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return Done();
            },
            default));

        Advance(TimeSpan.FromSeconds(699));
        Assert.False(run.IsCompleted);
        Advance(TimeSpan.FromSeconds(1));
        Assert.True((await run).Last.LacksCapacity);
        Assert.Contains("700 s (Ai:FlexTimeoutSeconds)", (await run).Last.Outcome.Failure!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-5.6-sol", "flex")]
    [InlineData("gpt-5.6-luna", null)] // Azure does not offer it
    [InlineData("gpt-4o", null)]
    public async Task Flex_is_asked_for_where_the_catalogue_has_it(string deployment, string? tier)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = Engines.Azure(simulator, deployment, more: new() { ["Ai:ServiceTier"] = "flex" });

        Assert.True((await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None)).Outcome.Succeeded);
        Assert.True((await engines.Set.Text!.SynthesizeAsync(new([new("a.txt", "text", "Tea.")]), CancellationToken.None)).Outcome.Succeeded);
        Assert.Equal([tier, tier], simulator.Requests.Select(call => (string?)call.Body!["service_tier"]));
    }

    [Fact]
    public async Task A_batch_with_patience_asks_for_flex_and_others_do_not()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = Engines.Azure(simulator, "gpt-5.6-sol");

        await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image() with { Patient = true }, CancellationToken.None);
        await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        Assert.Equal(["flex", null], simulator.Requests.Select(call => (string?)call.Body!["service_tier"]));
    }

    [Fact]
    public async Task A_model_that_refuses_flex_is_asked_plainly_from_then_on()
    {
        await using var simulator = await SimulatorServer.StartAsync();

        // The deployment is of another model than the host says.
        using var engines = Engines.Azure(
            simulator, "gpt-5.6-luna", more: new() { ["Ai:ServiceTier"] = "flex", ["Ai:Vision:ModelFamily"] = "gpt-5.6-sol" });

        for (var i = 0; i < 2; i++)
            Assert.True((await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None)).Outcome.Succeeded);
        Assert.Equal(["flex", null, null], simulator.Requests.Select(call => (string?)call.Body!["service_tier"]));
    }

    [Fact]
    public async Task What_flex_has_no_capacity_for_the_standard_tier_answers()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var lack = new Fault(FaultKind.ResourceUnavailable) { RetryAfterSeconds = 3600 };
        simulator.Play(new ScriptRule(lack) { Tier = AzureOpenAISimulator.Wire.ServiceTier.Flex });
        using var engines = Engines.Azure(simulator, "gpt-5.6-sol", more: new() { ["Ai:ServiceTier"] = "flex" });

        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        Assert.True(answer.Outcome.Succeeded);
        Assert.Null(answer.Usage.Tier);
        Assert.Equal([FailureCodes.EngineRateLimited, null], answer.Attempts.Select(attempt => attempt.Code));
    }

    private ProviderRetry Retry(TimeSpan? longest = null) =>
        new("OpenAI/m", options, throttle, clock, new NoJitter(), NullLogger.Instance) { LongestFlex = longest ?? TimeSpan.FromMinutes(15) };

    private static ProviderReply<string> Done() => new("done", Usage.None, 200);

    private static ProviderReply<string> Lacking(int status, TimeSpan retryAfter) =>
        new(Busy, Usage.None, status, Transient: true, RetryAfter: retryAfter);

    /// <summary>
    /// Without the test runner's synchronization context, what waits for the clock goes on within the advance, so that there is no race to it.
    /// </summary>
    private static T Start<T>(Func<T> act)
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

    private void Advance(TimeSpan time) => Start(() =>
    {
        clock.Advance(time);
        return true;
    });

    private sealed class NoJitter : Random
    {
        public override double NextDouble() => 0;
    }
}
