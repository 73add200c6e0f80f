using System.Globalization;
using AzureOpenAISimulator;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Selection;

namespace MultiModal.Pipeline.Tests.Ai;

public class ModelWatchTests
{
    private static readonly (string Key, string Value)[] AzureWhisper =
    [
        ("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com"), ("AZURE_OPENAI_DEPLOYMENT", "gpt-5.6-luna"), ("Ai:Speech:Deployment", "whisper"),
    ];

    [Theory]
    [InlineData("2026-10-15", null)]
    [InlineData("2026-10-16", "model-ends-soon")]
    [InlineData("2026-12-14", "model-ends-soon")]
    [InlineData("2026-12-15", "model-ended")]
    [InlineData("2028-01-01", "model-ended")]
    public void A_model_is_warned_of_sixty_days_before_its_end_and_ever_after(string today, string? code)
    {
        using var engines = Engines.With(At(today), AzureWhisper);
        var speech = engines.Watch.Warnings.Where(w => w.Model == "whisper").ToList();
        Assert.Equal(code is null ? [] : [code], speech.Select(w => w.Code));
    }

    [Fact]
    public void A_warning_names_the_day_the_successor_and_the_setting_and_says_what_it_rests_on()
    {
        using var engines = Engines.With(At("2026-11-28"), AzureWhisper);
        var warning = Assert.Single(engines.Watch.Warnings);
        Assert.Equal((new DateOnly(2026, 12, 15), "gpt-4o-mini-transcribe"), (warning.EndsOn, warning.Successor));
        Assert.Equal(
            "Ai:Speech uses whisper, which ends on 2026-12-15, in 17 days (as was known on 2026-11-28 of version 001; a deployment does not say its "
                + "own version). Deploy its successor, gpt-4o-mini-transcribe, and set Ai:Speech:Deployment to that deployment.",
            warning.Message);
    }

    [Fact]
    public void A_model_that_makes_pictures_is_warned_of_too_and_listed_where_it_is_configured()
    {
        using var engines = Engines.With(
            At("2026-11-28"), ("OPENAI_API_KEY", "k"), ("Ai:Speech:Model", "gpt-transcribe"), ("Ai:ImageGeneration:Model", "gpt-image-1-mini"));
        var warning = Assert.Single(engines.Watch.Warnings);
        Assert.Equal((new DateOnly(2026, 12, 1), "gpt-image-2.6-flare"), (warning.EndsOn, warning.Successor));
        Assert.StartsWith("Ai:ImageGeneration uses gpt-image-1-mini, which ends on 2026-12-01", warning.Message, StringComparison.Ordinal);
        Assert.Equal(
            "ImageGeneration: OpenAI, gpt-image-1-mini (as gpt-image-1-mini) at https://api.openai.com/v1/, authentication: key",
            engines.Factory.Choices[^1].ToString());
    }

    [Fact]
    public void A_deployment_is_taken_to_have_the_last_version_of_its_model()
    {
        // 2025-03-20 of it ended on 2026-10-15, and 2025-12-15 ends on 2027-06-15.
        (string, string)[] settings = [.. AzureWhisper[..2], ("Ai:Speech:Deployment", "ours"), ("Ai:Speech:ModelFamily", "gpt-4o-mini-transcribe")];
        using var before = Engines.With(At("2026-11-28"), settings);
        Assert.Empty(before.Watch.Warnings);
        using var soon = Engines.With(At("2027-05-01"), settings);
        var warning = Assert.Single(soon.Watch.Warnings);
        Assert.Contains("of version 2025-12-15", warning.Message, StringComparison.Ordinal);
        Assert.Contains("Ai:Speech:ModelFamily must name its model too", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_serves_two_capabilities_is_warned_of_once()
    {
        using var engines = Engines.With(
            At("2027-01-14"), ("OPENAI_API_KEY", "k"), ("Ai:Vision:Model", "gpt-4.1-mini"), ("Ai:Text:Model", "gpt-4.1-mini"),
            ("Ai:Speech:Model", "gpt-transcribe"));
        Assert.Equal(
            "Ai:Vision and Ai:Text use gpt-4.1-mini, which ended on 2027-01-14 (as was known on 2026-11-28). "
                + "Set Ai:Vision:Model and Ai:Text:Model to its successor, gpt-6-luna.",
            Assert.Single(engines.Watch.Warnings).Message);
    }

    [Fact]
    public void Who_has_a_key_of_OpenAI_and_names_no_model_gets_one_that_lasts()
    {
        var today = ModelCatalogue.BuiltIn.ReadOn;
        using var engines = Engines.With(At($"{today:yyyy-MM-dd}"), ("OPENAI_API_KEY", "k"));
        Assert.Equal(["gpt-5.6-luna", "whisper-1", "gpt-5.6-luna"], engines.Factory.Choices.Select(choice => choice.Model));
        Assert.Empty(engines.Watch.Warnings);
    }

    [Theory]
    [InlineData("2027-03-01", 0)]
    [InlineData("2026-12-24", 1)]
    [InlineData(null, 0)]
    public void What_OpenAI_says_of_an_end_is_believed_before_the_catalogue(string? said, int warnings)
    {
        using var engines = Engines.With(
            At("2026-12-01"), ("OPENAI_API_KEY", "k"), ("Ai:Vision:Model", "gpt-4.1-mini"), ("Ai:Text:Model", "gpt-4.1-mini"),
            ("Ai:Speech:Model", "gpt-transcribe"));
        engines.Watch.Remember(
            new Uri("https://api.openai.com/v1/"),
            new Dictionary<string, DateOnly?> { ["gpt-4.1-mini"] = said is null ? null : DateOnly.Parse(said, CultureInfo.InvariantCulture) });
        Assert.Equal(warnings, engines.Watch.Warnings.Count);
        Assert.All(
            engines.Watch.Warnings,
            w => Assert.Contains("2026-12-24, in 23 days (so says its list of models)", w.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_list_of_models_is_read_where_the_server_speaks_of_ends()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = Toward(simulator, At("2027-02-27"));
        Assert.Empty(engines.Watch.Warnings);
        foreach (var choice in engines.Factory.Choices) Assert.Null(await engines.Watch.AskAsync(choice, CancellationToken.None));
        Assert.Equal(
            [("gpt-4.1-mini", new DateOnly(2027, 1, 14)), ("whisper-1", new DateOnly(2027, 2, 26))],
            engines.Watch.Warnings.Select(w => (w.Model, w.EndsOn)));
    }

    [Fact]
    public void Models_of_another_server_do_not_end_with_those_of_OpenAI()
    {
        using var engines = Engines.With(
            At("2030-01-01"), ("OPENAI_BASE_URL", "http://127.0.0.1:1/v1"), ("Ai:Vision:Model", "gpt-4o"), ("Ai:Text:Model", "gpt-4o"),
            ("Ai:Speech:Model", "openai/whisper-large-v3"));
        Assert.Empty(engines.Watch.Warnings);
    }

    [Fact]
    public async Task What_ends_is_logged_once_a_day_and_asked_for_anew()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var clock = new WatchedClock();
        clock.AdjustTime(new DateTimeOffset(2027, 1, 14, 0, 0, 0, TimeSpan.Zero));
        using var engines = Toward(simulator, clock);
        using var watcher = engines.Watcher(clock);
        await watcher.StartAsync(CancellationToken.None);
        await Eventually.IsAsync("one warning", () => Task.FromResult(Ended(engines).Count >= 1 ? engines : null));
        Assert.Single(Ended(engines));
        clock.Advance(TimeSpan.FromDays(1));
        await Eventually.IsAsync("the warning of the next day", () => Task.FromResult(Ended(engines).Count >= 2 ? engines : null));
        Assert.Equal(2, Ended(engines).Count);
        await watcher.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_leaves_the_catalogue_in_force_and_no_trace_above_debug()
    {
        using var engines = Engines.With(
            At("2026-12-01"), ("OPENAI_BASE_URL", "http://127.0.0.1:1/v1"), ("Ai:Vision:Model", "m"), ("Ai:Text:Model", "m"),
            ("Ai:Speech:Engine", "AzureOpenAI"), ("Ai:Speech:Endpoint", "https://mine.openai.azure.com"), ("Ai:Speech:Deployment", "whisper"));
        using var watcher = engines.Watcher(At("2026-12-01"));
        await watcher.StartAsync(CancellationToken.None);
        await Eventually.IsAsync(
            "a warning", () => Task.FromResult(engines.Logs.All.FirstOrDefault(l => l.Contains("model-ends-soon", StringComparison.Ordinal))));
        Assert.Single(engines.Logs.All);
        await watcher.StopAsync(CancellationToken.None);
    }

    private static List<string> Ended(Engines engines) =>
        [.. engines.Logs.All.Where(line => line.StartsWith("model-ended: ", StringComparison.Ordinal))];

    private static Engines Toward(SimulatorServer simulator, TimeProvider clock) => Engines.With(
        clock, ("OPENAI_BASE_URL", new Uri(simulator.Endpoint, "v1").ToString()), ("OPENAI_API_KEY", simulator.Key),
        ("Ai:Vision:Model", "gpt-4.1-mini"), ("Ai:Text:Model", "gpt-4.1-mini"), ("Ai:Speech:Model", "whisper-1"));

    private static FakeTimeProvider At(string day) => new(DateTimeOffset.Parse($"{day}T00:00:00Z", CultureInfo.InvariantCulture));
}
