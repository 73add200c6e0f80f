using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;

namespace MultiModal.Pipeline.Tests.Ai;

/// <summary>Two deployments at one simulator: <c>gpt-4o</c>, and <c>gpt-4.1-mini</c> as its fallback.</summary>
public sealed class FallbackEngineTests
{
    private const string First = "gpt-4o";
    private const string Second = "gpt-4.1-mini";

    [Theory]
    [InlineData(FaultKind.ServerError, 500, 2)]
    [InlineData(FaultKind.ServerError, 408, 2)]
    [InlineData(FaultKind.ServerError, 404, 1)]
    [InlineData(FaultKind.ResetBeforeAnswer, 500, 2)]
    [InlineData(FaultKind.WrongContentType, 500, 2)]
    [InlineData(FaultKind.TooManyRequests, 500, 2)]
    public async Task What_the_first_engine_cannot_answer_the_fallback_does(FaultKind kind, int status, int attempts)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(kind) { Status = status }) { Deployment = First });
        using var engines = WithFallback(simulator);

        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        Assert.Null(answer.Outcome.Failure);
        Assert.True(answer.IsOfFallback);
        Assert.Single(answer.Attempts);
        Assert.Equal(attempts, answer.Other!.Attempts.Count);
        Assert.Equal([.. Enumerable.Repeat(First, attempts), Second], simulator.Requests.Select(call => call.Deployment));
    }

    [Fact]
    public async Task A_key_that_the_first_engine_refuses_moves_the_call()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = WithFallback(simulator, ("Ai:Vision:Key", "revoked"), ("Ai:Vision:Fallback:Key", simulator.Key));

        Assert.True((await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None)).IsOfFallback);
    }

    [Theory]
    [InlineData(FaultKind.PromptFiltered, FailureCodes.ContentFiltered)]
    [InlineData(FaultKind.Refusal, FailureCodes.ContentFiltered)]
    [InlineData(FaultKind.NotJson, FailureCodes.EngineBadAnswer)]
    public async Task What_the_first_engine_refuses_for_its_content_is_put_to_no_other(FaultKind kind, string code)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(kind)) { Deployment = First });
        using var engines = WithFallback(simulator);

        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        Assert.Equal(code, answer.Outcome.Failure?.Code);
        Assert.DoesNotContain(simulator.Requests, call => call.Deployment == Second);
    }

    [Fact]
    public async Task A_429_that_asks_for_more_patience_than_the_cap_is_not_waited_out()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.TooManyRequests) { RetryAfterSeconds = 3600 }) { Deployment = First });
        using var engines = WithFallback(simulator);

        for (var i = 0; i < 7; i++)
            Assert.True((await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None)).IsOfFallback);
        Assert.Equal(5, simulator.Requests.Count(call => call.Deployment == First));
        Assert.Equal("vision", Assert.Single(engines.Factory.ServingFallbacks).Capability.ToString(), ignoreCase: true);
    }

    [Fact]
    public async Task A_first_engine_that_takes_all_its_time_is_asked_once()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.ResetBeforeAnswer) { DelayMs = 30_000 }) { Deployment = First });
        using var engines = WithFallback(simulator, ("Ai:TimeoutSeconds", "1"), ("Ai:MaxAttempts", "5"));

        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        Assert.True(answer.IsOfFallback);
        Assert.Single(answer.Other!.Attempts);
    }

    [Fact]
    public async Task Where_both_fail_the_failure_names_both()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(
            new ScriptRule(new Fault(FaultKind.ServerError)) { Deployment = First },
            new ScriptRule(new Fault(FaultKind.ServerError) { Status = 404 }) { Deployment = Second });
        using var engines = WithFallback(simulator);

        var failure = (await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None)).Outcome.Failure!;

        Assert.Equal((FailureCodes.EngineFault, true), (failure.Code, failure.Retryable));
        Assert.Contains($"AzureOpenAI/{First} failed", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"AzureOpenAI/{Second} does not exist", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_fallback_fails_an_engine_that_was_set_aside_is_asked_all_the_same()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(
            new ScriptRule(new Fault(FaultKind.ServerError)) { Deployment = First, First = 5 },
            new ScriptRule(new Fault(FaultKind.ServerError) { Status = 404 }) { Deployment = Second, From = 4 });
        using var engines = WithFallback(simulator);
        for (var i = 0; i < 3; i++) Assert.True((await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None)).IsOfFallback);
        Assert.Single(engines.Factory.ServingFallbacks);

        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        Assert.Equal((true, false), (answer.Outcome.Succeeded, answer.IsOfFallback));
        Assert.Equal(6, simulator.Requests.Count(call => call.Deployment == First));
    }

    [Fact]
    public async Task A_recording_that_is_too_long_for_the_fallback_waits_for_the_first_engine()
    {
        using var folder = new TemporaryFolder();
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.ServerError)) { Deployment = "whisper" });
        using var engines = WithFallback(simulator, ("Ai:Speech:Fallback:Deployment", "gpt-4o-transcribe"));
        var recording = SampleMedia.Recording(folder) with { DurationSeconds = 3_000 };

        var answer = await engines.Set.Speech!.TranscribeAsync(recording, CancellationToken.None);

        Assert.Equal((FailureCodes.EngineFault, false), (answer.Outcome.Failure?.Code, answer.IsOfFallback));
        Assert.True((await engines.Set.Speech!.TranscribeAsync(SampleMedia.Recording(folder), CancellationToken.None)).IsOfFallback);
    }

    [Fact]
    public async Task A_model_has_one_circuit_and_a_capability_without_a_fallback_asks_it_as_ever()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.ServerError)) { Deployment = First, First = 4 });
        using var engines = WithFallback(simulator);
        for (var i = 0; i < 3; i++) await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        var text = await engines.Set.Text!.SynthesizeAsync(new([new("a.txt", "text", "Tea at five.")]), CancellationToken.None);

        Assert.Equal((true, false), (text.Outcome.Succeeded, text.IsOfFallback));
        Assert.Equal(First, simulator.Requests[^1].Deployment);
    }

    [Fact]
    public async Task Images_and_recordings_are_prepared_and_keyed_for_the_first_engine()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var plain = Engines.Azure(simulator, First);
        using var engines = WithFallback(simulator, ("Ai:Speech:Fallback:Deployment", "gpt-4o-transcribe"), ("Ai:Text:Fallback:Deployment", Second));
        var (before, now) = (plain.Set, engines.Set);

        Assert.Equal(before.Vision!.Identity with { Earlier = now.Vision!.Identity.Earlier }, now.Vision.Identity);
        Assert.Equal(before.Vision.TokenRule, now.Vision.TokenRule);
        Assert.Equal(before.Speech!.Identity with { Earlier = now.Speech!.Identity.Earlier }, now.Speech.Identity);
        Assert.Equal((before.Speech.Limits.MaxSeconds, before.Speech.Abilities), (now.Speech.Limits.MaxSeconds, now.Speech.Abilities));
        Assert.Equal(before.Text!.Identity with { Earlier = now.Text!.Identity.Earlier }, now.Text.Identity);
        Assert.Equal(before.SynthesisInputTokens, now.SynthesisInputTokens);
    }

    private static Engines WithFallback(SimulatorServer simulator, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?> { ["Ai:Vision:Fallback:Deployment"] = Second, ["Ai:MaxAttempts"] = "2" };
        foreach (var (key, value) in more) settings[key] = value;
        return Engines.Azure(simulator, First, more: settings);
    }
}
