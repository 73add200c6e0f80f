using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Transport;

namespace MultiModal.Pipeline.Tests.Ai;

public sealed class EngineCircuitTests : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly LogLines logs = new();
    private readonly EngineCircuit circuit;

    public EngineCircuitTests() => circuit = new EngineCircuit("AzureOpenAI/a", Pause, clock, logs);

    public void Dispose() => logs.Dispose();

    [Fact]
    public async Task A_model_that_keeps_failing_is_asked_no_more_until_a_pause_is_over_and_one_request_was_answered()
    {
        await DieAsync();
        Assert.True(circuit.IsOpen);
        Assert.Equal((FailureCodes.EngineFault, clock.GetUtcNow()), (circuit.Outage!.Code, circuit.Outage.Since));
        Assert.Contains(logs.All, line => line.StartsWith("fallback-serves: AzureOpenAI/a keeps failing (engine-fault)", StringComparison.Ordinal));

        Assert.True((await AskAsync(Done())).IsSetAside);
        clock.Advance(Pause - TimeSpan.FromMilliseconds(1));
        Assert.True((await AskAsync(Done())).IsSetAside);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True((await AskAsync(Done())).Outcome.Succeeded);
        Assert.Null(circuit.Outage);
        Assert.True((await AskAsync(Done())).Outcome.Succeeded);
        Assert.Contains(logs.All, line => line.StartsWith("AzureOpenAI/a answers again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_one_request_tries_whether_a_model_answers_again()
    {
        await DieAsync();
        clock.Advance(Pause);
        var trying = new TaskCompletionSource<ProviderReply<string>>();
        var first = circuit.AskAsync(_ => trying.Task, CancellationToken.None);

        Assert.True((await AskAsync(Done())).IsSetAside);
        trying.SetResult(Done());
        Assert.True((await first).Outcome.Succeeded);
        Assert.True((await AskAsync(Done())).Outcome.Succeeded);
    }

    [Fact]
    public async Task Each_further_pause_in_a_row_is_twice_as_long_up_to_ten_times_the_first()
    {
        await DieAsync();
        var since = circuit.Outage!.Since;
        var pause = Pause;
        foreach (var next in new[] { 2, 4, 8, 10, 10 })
        {
            clock.Advance(pause);
            Assert.Equal(FailureCodes.EngineFault, (await AskAsync(Fault())).Outcome.Failure?.Code);
            pause = Pause * next;
            clock.Advance(pause - TimeSpan.FromSeconds(1));
            Assert.True((await AskAsync(Done())).IsSetAside, $"{next}");
            pause = TimeSpan.FromSeconds(1);
        }

        Assert.Equal(since, circuit.Outage!.Since);
    }

    [Theory]
    [InlineData(nameof(EngineStanding.Answers))] // a 400, or a refusal of the content
    [InlineData(nameof(EngineStanding.Busy))] // a 429 whose Retry-After is near
    public async Task A_model_that_refuses_or_asks_for_patience_is_no_dead_model(string standing)
    {
        for (var i = 0; i < 20; i++) await AskAsync(Fault() with { Standing = Enum.Parse<EngineStanding>(standing) });

        Assert.True((await AskAsync(Done())).Outcome.Succeeded);
    }

    [Fact]
    public async Task Faults_that_come_now_and_then_move_nothing()
    {
        for (var i = 0; i < 40; i++) await AskAsync(i % 5 < 4 ? Fault() : Done());

        Assert.Null(circuit.Outage);
    }

    [Fact]
    public async Task A_trying_request_that_its_caller_gives_up_does_not_show_that_the_model_answers()
    {
        await DieAsync();
        clock.Advance(Pause);
        using var leaving = new CancellationTokenSource();
        var trying = circuit.AskAsync<string>(
            async token =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return Done();
            },
            leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trying);

        Assert.True((await AskAsync(Done())).IsSetAside);
    }

    [Fact]
    public async Task A_clock_that_is_set_lengthens_no_pause()
    {
        var settable = new SettableClock();
        var own = new EngineCircuit("AzureOpenAI/a", TimeSpan.FromSeconds(1), settable, logs);
        for (var i = 0; i < 5; i++) await own.AskAsync(_ => Task.FromResult(Fault()), CancellationToken.None);
        settable.Set(TimeSpan.FromHours(-5));

        await Eventually.IsTrueAsync("the end of the pause", () => !own.IsOpen);
        Assert.True((await own.AskAsync(_ => Task.FromResult(Done()), CancellationToken.None)).Outcome.Succeeded);
    }

    private async Task DieAsync()
    {
        for (var i = 0; i < 5; i++) Assert.False((await AskAsync(Fault())).IsSetAside);
    }

    private Task<ProviderReply<string>> AskAsync(ProviderReply<string> reply) => circuit.AskAsync(_ => Task.FromResult(reply), CancellationToken.None);

    private static ProviderReply<string> Done() => new("done", Usage.None, 200);

    private static ProviderReply<string> Fault() =>
        new(new Failure(FailureCodes.EngineFault, "broken", Retryable: true), Usage.None, 503, Transient: true) { Standing = EngineStanding.Down };
}
