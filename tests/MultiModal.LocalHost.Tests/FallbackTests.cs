using System.Net.Http.Json;
using System.Text.Json;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using MultiModal.LocalHost.Commands;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline.Batches;
using Spectre.Console;

namespace MultiModal.LocalHost.Tests;

/// <summary>What a host and the doctor say while a fallback answers.</summary>
[Collection(SharedAzurite.Name)]
public sealed class FallbackTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task The_health_of_a_host_names_who_fails_and_who_answers()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.ServerError) { Status = 503 }) { Deployment = "gpt-4o" });
        await using var host = await RunningHost.StartAsync(
            azurite.NewConnectionString(), simulator, "Ai:Text:Fallback:Deployment=gpt-4.1-mini", "Ai:MaxAttempts=1", "Ai:SynthesisInputTokens=1000");
        Assert.Equal(0, (await HealthAsync(host)).GetProperty("fallbacks").GetArrayLength());

        for (var i = 0; i < 5; i++) await host.DropAsync($"notes {i}/a.txt", $"The ferry of day {i} leaves at nine. {Filler(i)}");
        for (var i = 0; i < 5; i++) await host.RestedAsync($"notes {i}");

        var report = await host.ReportAsync("notes 0");
        Assert.Equal((RunStatus.Succeeded, "AzureOpenAI/gpt-4.1-mini"), (report.Status, report.Synthesis?.Engine));
        var health = await HealthAsync(host);
        Assert.Equal("degraded", health.GetProperty("status").GetString());
        var serving = Assert.Single(health.GetProperty("fallbacks").EnumerateArray());
        Assert.Equal(
            ("fallback-serves", "text", "AzureOpenAI/gpt-4o", "AzureOpenAI/gpt-4.1-mini", "engine-fault"),
            (Text(serving, "code"), Text(serving, "capability"), Text(serving, "engine"), Text(serving, "fallback"), Text(serving, "reason")));
        Assert.StartsWith("Ai:Text asks AzureOpenAI/gpt-4o at ", Text(serving, "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_says_that_the_fallback_answers_where_the_first_choice_does_not()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        string[] settings =
        [
            .. RunningHost.Settings(azurite.NewConnectionString(), simulator), "Ai:Speech:Deployment=gpt-4o-mini-transcribe",
            "Ai:Vision:Key=revoked", "Ai:Vision:Fallback:Deployment=gpt-4.1-mini", $"Ai:Vision:Fallback:Key={simulator.Key}",
        ];
        await using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 10_000;
        var exitCode = await new DoctorCommand(new CommandOutput(console, console, isJson: false)).RunAsync(settings, CancellationToken.None);

        Assert.True(exitCode == ExitCode.SomethingMissing, output.ToString());
        Assert.Contains("missing  engine   Vision: AzureOpenAI, gpt-4o", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("there    engine   Vision, fallback: AzureOpenAI, gpt-4.1-mini", output.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "serves   engine   AzureOpenAI/gpt-4.1-mini answers in the place of AzureOpenAI/gpt-4o (Ai:Vision:Fallback)",
            output.ToString(), StringComparison.Ordinal);
    }

    private static Task<JsonElement> HealthAsync(RunningHost host) => host.Http.GetFromJsonAsync<JsonElement>("/healthz");

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    /// <summary>A text that is too long to be its own summary.</summary>
    private static string Filler(int of) => string.Concat(Enumerable.Range(0, 60).Select(line => $"Point {line} of minute {of} was agreed. "));
}
