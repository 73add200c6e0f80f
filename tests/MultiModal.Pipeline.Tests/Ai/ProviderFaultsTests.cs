using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;

namespace MultiModal.Pipeline.Tests.Ai;

public class ProviderFaultsTests
{
    [Theory]
    [InlineData(FaultKind.TooManyRequests, FailureCodes.EngineRateLimited, true, 3)]
    [InlineData(FaultKind.ServerError, FailureCodes.EngineFault, true, 3)]
    [InlineData(FaultKind.ResetBeforeAnswer, FailureCodes.EngineUnreachable, true, 3)]
    [InlineData(FaultKind.AnswerLost, FailureCodes.EngineUnreachable, true, 3)]
    [InlineData(FaultKind.ResetDuringAnswer, FailureCodes.EngineUnreachable, true, 3)]
    [InlineData(FaultKind.TruncatedBody, FailureCodes.EngineBadAnswer, true, 3)]
    [InlineData(FaultKind.WrongContentType, FailureCodes.EngineBadAnswer, true, 3)]
    [InlineData(FaultKind.SchemaViolation, FailureCodes.EngineBadAnswer, true, 2)]
    [InlineData(FaultKind.NotJson, FailureCodes.EngineBadAnswer, true, 2)]
    [InlineData(FaultKind.PromptFiltered, FailureCodes.ContentFiltered, false, 1)]
    [InlineData(FaultKind.CompletionFiltered, FailureCodes.ContentFiltered, false, 1)]
    [InlineData(FaultKind.Refusal, FailureCodes.ContentFiltered, false, 1)]
    public async Task A_fault_that_stays_ends_with_its_code_after_its_attempts(FaultKind kind, string code, bool retryable, int attempts)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(kind)));
        using var engines = Engines.Azure(simulator, more: new() { ["Ai:MaxAttempts"] = "3" });

        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        var failure = answer.Outcome.Failure!;
        Assert.Equal((code, retryable), (failure.Code, failure.Retryable));
        Assert.Equal(Enumerable.Repeat(code, attempts), answer.Attempts.Select(a => a.Code!));
        Assert.Equal(attempts, simulator.Requests.Count);
        Assert.DoesNotContain(simulator.Key, failure.Message + string.Concat(engines.Logs.All), StringComparison.Ordinal);
        Assert.Contains(engines.Logs.All, line => line.Contains(code, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(FaultKind.TooManyRequests)]
    [InlineData(FaultKind.ServerError)]
    [InlineData(FaultKind.ResetBeforeAnswer)]
    [InlineData(FaultKind.ResetDuringAnswer)]
    [InlineData(FaultKind.TruncatedBody)]
    [InlineData(FaultKind.SchemaViolation)]
    [InlineData(FaultKind.NotJson)]
    public async Task A_fault_that_passes_costs_an_attempt_and_nothing_else(FaultKind kind)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(kind) { RetryAfterMs = 5 }) { First = 1 });
        using var engines = Engines.Azure(simulator);

        var answer = await engines.Set.Text!.SynthesizeAsync(new([new("a.txt", "text", "Tea at five.")]), CancellationToken.None);

        Assert.Null(answer.Outcome.Failure);
        Assert.Equal(2, answer.Attempts.Count);
        Assert.NotNull(answer.Attempts[0].Code);
        Assert.Null(answer.Attempts[1].Code);
    }

    [Theory]
    [InlineData(FaultKind.SlowDrip)]
    [InlineData(FaultKind.ClosedAfterAnswer)]
    [InlineData(FaultKind.NoUsage)]
    public async Task A_fault_that_does_not_affect_the_client_costs_no_attempt(FaultKind kind)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(kind) { IntervalMs = 1 }));
        using var engines = Engines.Azure(simulator);

        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        Assert.Null(answer.Outcome.Failure);
        Assert.Single(answer.Attempts);
    }

    [Theory]
    [InlineData(FaultKind.ServerError)]
    [InlineData(FaultKind.AnswerLost)]
    [InlineData(FaultKind.SchemaViolation)]
    public async Task A_recording_is_sent_whole_again(FaultKind kind)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(kind)) { First = 1 });
        using var folder = new TemporaryFolder();
        using var engines = Engines.Azure(simulator, speech: "gpt-4o-transcribe");

        var answer = await engines.Set.Speech!.TranscribeAsync(SampleMedia.Recording(folder), CancellationToken.None);

        Assert.Null(answer.Outcome.Failure);
        Assert.Equal(2, simulator.Requests.Count);
        Assert.Single(simulator.Requests.SelectMany(r => r.Media).Select(m => m.ContentHash).Distinct());
    }

    [Fact]
    public async Task A_bad_answer_is_sent_back_with_what_is_wrong()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.SchemaViolation)) { First = 1 });
        using var engines = Engines.Azure(simulator);

        await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        var messages = simulator.Requests[1].Body!["messages"]!.AsArray();
        Assert.Equal(["system", "user", "assistant", "user"], messages.Select(m => (string?)m!["role"]));
        Assert.Contains("\"description\" is missing", (string?)messages[3]!["content"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_unauthorized_and_not_tried_again()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = Engines.Azure(simulator, more: new() { ["AZURE_OPENAI_API_KEY"] = "wrong-key-1234" });

        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        Assert.Equal((FailureCodes.EngineUnauthorized, false), (answer.Outcome.Failure!.Code, answer.Outcome.Failure.Retryable));
        Assert.Equal(401, Assert.Single(answer.Attempts).Status);
        Assert.DoesNotContain("wrong-key", answer.Outcome.Failure.Message + string.Concat(engines.Logs.All), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-4o-nowhere")]
    [InlineData("gpt-5-nowhere")]
    public async Task A_deployment_that_is_not_there_is_named(string deployment)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = Engines.Azure(simulator, deployment);

        var answer = await engines.Set.Text!.SynthesizeAsync(new([new("a.txt", "text", "Tea.")]), CancellationToken.None);

        Assert.Equal(FailureCodes.DeploymentNotFound, answer.Outcome.Failure?.Code);
        Assert.Contains(deployment, answer.Outcome.Failure!.Message, StringComparison.Ordinal);
        Assert.Single(answer.Attempts);
    }

    [Fact]
    public async Task An_endpoint_without_a_listener_is_unreachable()
    {
        using var engines = Engines.At(new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/v1"));

        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        Assert.Equal((FailureCodes.EngineUnreachable, true), (answer.Outcome.Failure!.Code, answer.Outcome.Failure.Retryable));
        Assert.Contains("ConnectionRefused", answer.Outcome.Failure.Message, StringComparison.Ordinal);
        Assert.Equal([null, null], answer.Attempts.Select(a => a.Status));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_the_timeout()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 60_000 }));
        using var engines = Engines.Azure(simulator, more: new() { ["Ai:TimeoutSeconds"] = "1", ["Ai:MaxAttempts"] = "1" });

        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);

        Assert.Equal((FailureCodes.EngineUnreachable, true), (answer.Outcome.Failure!.Code, answer.Outcome.Failure.Retryable));
        Assert.Contains("Ai:TimeoutSeconds", answer.Outcome.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Engines_of_one_deployment_share_its_brake()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.TooManyRequests) { RetryAfterMs = 300 }) { First = 1 });
        using var engines = Engines.Azure(simulator);
        var image = engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), CancellationToken.None);
        while (!engines.Logs.All.Any()) await Task.Yield();

        var text = await engines.Set.Text!.SynthesizeAsync(new([new("a.txt", "text", "Tea.")]), CancellationToken.None);
        var refused = (await image).Attempts[0];

        Assert.True(Assert.Single(text.Attempts).StartedAt >= refused.StartedAt.AddMilliseconds(300));
    }

    [Fact]
    public async Task Cancelling_is_an_exception_and_not_a_failure()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 60_000 }));
        using var engines = Engines.Azure(simulator);
        using var cancel = new CancellationTokenSource();
        var answer = engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(), cancel.Token);
        while (simulator.Requests.Count == 0) await Task.Yield();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task A_probe_distinguishes_reachable_unauthorized_and_unreachable_and_spends_nothing()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var good = Engines.Azure(simulator);
        using var wrong = Engines.Azure(simulator, more: new() { ["AZURE_OPENAI_API_KEY"] = "wrong-key-1234" });
        using var nowhere = Engines.At(new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/v1"));

        Assert.All(good.Factory.Choices, c => Assert.NotNull(c.Address));
        Assert.Null(await ProbeAsync(good));
        Assert.Equal(FailureCodes.EngineUnauthorized, (await ProbeAsync(wrong))?.Code);
        Assert.Equal(FailureCodes.EngineUnreachable, (await ProbeAsync(nowhere))?.Code);
        Assert.Empty(simulator.Bill.Lines);
    }

    private static Task<Failure?> ProbeAsync(Engines engines) => engines.Watch.AskAsync(engines.Factory.Choices[0], CancellationToken.None);
}
