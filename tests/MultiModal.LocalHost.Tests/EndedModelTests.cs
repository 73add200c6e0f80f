using System.Net.Http.Json;
using System.Text.Json;
using AzureOpenAISimulator;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MultiModal.LocalHost.Commands;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using Spectre.Console;

namespace MultiModal.LocalHost.Tests;

/// <summary>The day after Azure's whisper ends, with whisper still configured.</summary>
[Collection(SharedAzurite.Name)]
public sealed class EndedModelTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset TheDayAfter = new(2026, 12, 16, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_doctor_ends_with_2_and_names_the_successor()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var (exitCode, output) = await DoctorAsync(TheDayAfter, RunningHost.Settings(azurite.NewConnectionString(), simulator));
        Assert.Equal(ExitCode.ModelEnds, exitCode);
        Assert.Equal(2, exitCode);
        Assert.Contains("there    engine   Speech: AzureOpenAI, whisper", output, StringComparison.Ordinal);
        Assert.Contains("ended    model    Ai:Speech uses whisper, which ended on 2026-12-15", output, StringComparison.Ordinal);
        Assert.Contains("Deploy its successor, gpt-4o-mini-transcribe, and set Ai:Speech:Deployment", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_is_content_with_models_that_last()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        string[] settings = [.. RunningHost.Settings(azurite.NewConnectionString(), simulator), "Ai:Speech:Deployment=gpt-4o-mini-transcribe"];
        var (exitCode, output) = await DoctorAsync(TheDayAfter, settings);
        Assert.True(exitCode == ExitCode.Success, output);
        Assert.Contains("there    models   the built-in catalogue of 2026-11-28", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_works_on_calls_the_model_and_says_so_in_its_health()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        await using var host = await RunningHost.StartAsync(new SettableClock(TheDayAfter), azurite.NewConnectionString(), simulator);
        await host.Account.Inbox.GetBlobClient("calls/a.wav").UploadAsync(Repository.File("samples", "town", "recording.wav"));
        await host.RestedAsync("calls");
        var item = Assert.Single((await host.ReportAsync("calls")).Items);
        Assert.True(item.Status == ItemStatus.Succeeded, item.Error?.Message);
        Assert.Contains(simulator.Requests, call => call.Deployment == "whisper");

        var health = await host.Http.GetFromJsonAsync<JsonElement>("/healthz");
        Assert.Equal("degraded", health.GetProperty("status").GetString());
        Assert.Equal("model-ended", Assert.Single(health.GetProperty("warnings").EnumerateArray()).GetProperty("code").GetString());
    }

    private static async Task<(int ExitCode, string Output)> DoctorAsync(DateTimeOffset now, string[] settings)
    {
        await using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 10_000;
        var doctor = new DoctorCommand(new CommandOutput(console, console, isJson: false), services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(new SettableClock(now))));
        return (await doctor.RunAsync(settings, CancellationToken.None), output.ToString());
    }
}
