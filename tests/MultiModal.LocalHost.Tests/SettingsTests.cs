using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Registration;
using MultiModal.LocalHost.Tests.Documents;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Settings;

namespace MultiModal.LocalHost.Tests;

/// <summary>All that is wrong with the settings is found at the start, in sentences that name each setting as it was written.</summary>
public sealed class SettingsTests
{
    private static readonly List<Setting> All = [.. SettingsTable.Sections().SelectMany(section => section.Settings)];

    private static readonly KeyValuePair<string, string?>[] Storage = [new("Storage:ConnectionString", "UseDevelopmentStorage=true")];

    public static TheoryData<string> Keys { get; } = [.. All.Select(setting => setting.Key)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_value_of_a_wrong_type_gets_a_sentence(string key)
    {
        var wrong = Wrong((key, "ab\tc"));
        if (All.Single(setting => setting.Key == key).Property.PropertyType == typeof(string))
        {
            Assert.All(wrong, AssertReads);
            return;
        }

        var sentence = Assert.Single(wrong);
        AssertReads(sentence);
        Assert.StartsWith(key, sentence, StringComparison.Ordinal);
        Assert.Contains(" must be ", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void An_empty_or_extreme_value_that_is_refused_gets_a_sentence(string key)
    {
        foreach (var value in new[] { "", "-1", "99999999999999999999", "99999999.00:00:00", "7" })
        {
            var wrong = Wrong((key, value));
            Assert.All(wrong, AssertReads);
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_misspelt_setting_is_refused_and_the_right_one_is_suggested(string key)
    {
        var misspelt = key[..^2] + key[^1] + key[^2];
        var sentence = Wrong((misspelt, "1"))
            .Single(problem => problem.Contains("is not a setting", StringComparison.Ordinal));
        Assert.Equal($"{misspelt} is not a setting. Did you mean {key}?", sentence);
    }

    [Fact]
    public void All_wrong_settings_of_all_sections_are_found_at_once() => Assert.Equal(
        [
            "Audio:MaxSeconds is '0': it must be from 1 to 172,800 (two days).",
            "Images:JpegQality is not a setting. Did you mean Images:JpegQuality?",
            "Images:MaxEdge is 'abc': it must be a whole number from 64 to 8192.",
            "Images:Optimize is 'yes': it must be true or false.",
        ],
        Wrong(
            ("Images:MaxEdge", "abc"), ("Images:JpegQality", "90"),
            ("Images:Optimize", "yes"), ("Audio:MaxSeconds", "0")).Order(StringComparer.Ordinal));

    [Fact]
    public void A_misspelt_section_is_refused_if_the_setting_exists() => Assert.Equal(
        ["Budgets:PerDayUsd is not a setting. Did you mean Budget:PerDayUsd?"],
        Wrong(("Budgets:PerDayUsd", "5"), ("Image:Name", "debian:13")));

    [Fact]
    public void Only_lists_have_numbered_elements() => Assert.Equal(
        ["Images:MaxEdge:0 is not a setting. Did you mean Images:MaxEdge?", "Pipeline:Ignore:*.bak is not a setting. Did you mean Pipeline:Ignore?"],
        Wrong(
            ("Pipeline:Ignore:0", "*.bak"), ("Pipeline:Ignore:*.bak", "*.bak"),
            ("Images:MaxEdge:0", "5")).Order(StringComparer.Ordinal));

    [Fact]
    public void Settings_of_the_framework_and_of_other_programs_are_left_alone() => Assert.Empty(Wrong(
        ("Logging:LogLevel:Default", "Debug"), ("Kestrel:Limits:MaxConcurrentConnections", "5"),
        ("AzureWebJobsStorage", "x"), ("AzureWebJobs:Sweep:Disabled", "1"), ("Storages", "x"), ("images:maxedge", "512"), ("Text", "plain")));

    [Fact]
    public void A_key_or_a_password_is_never_repeated()
    {
        var wrong = Wrong(("Storage:BlobServiceUri", "media.blob.core.windows.net?sig=secret"), ("LocalHost:ApiKey", "secret"));
        Assert.Equal(2, wrong.Count);
        Assert.All(wrong, sentence => Assert.DoesNotContain("secret", sentence, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_setting_ends_every_command_and_is_named_as_it_was_written()
    {
        foreach (var command in new[] { "serve", "doctor", "status" })
        {
            var (exitCode, _, errors) = await LocalHostProgram.RunAsync(
                [command], ["Audio:MaxSeconds=long"], ("Images__MaxEgde", "512"), ("DOTNET_Ai__Text__Engine", "Nowhere"));
            Assert.Equal(ExitCode.InvalidSetting, exitCode);
            Assert.Equal(
                [
                    "invalid-setting: --set Audio:MaxSeconds is 'long': it must be a whole number from 1 to 172800.",
                    "invalid-setting: The environment variable DOTNET_Ai__Text__Engine is 'Nowhere': it must be AzureOpenAI, OpenAI, Offline, Whisper or Off.",
                    "invalid-setting: The environment variable Images__MaxEgde is not a setting. Did you mean Images__MaxEdge?",
                ],
                errors.Trim().Split('\n').Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void A_wrong_setting_of_a_file_is_named_with_the_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["settings.json"], """{ "Pdf": { "MaxPage": 5 } }""");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Storage).AddJsonFile(folder["settings.json"]).Build();
        Assert.Equal(
            [$"Pdf:MaxPage in {folder["settings.json"]} is not a setting. Did you mean Pdf:MaxPages?"],
            Services(configuration).FindWrongSettings());
    }

    [Fact]
    public async Task A_catalogue_that_cannot_be_used_ends_every_command_and_hides_no_other_mistake()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["models.json"], "{\n  \"readOn\": \"today\",\n  \"sources\": {},\n  \"models\": []\n}");
        foreach (var command in new[] { "serve", "doctor" })
        {
            var (exitCode, _, errors) = await LocalHostProgram.RunAsync(
                [command],
                [$"Models:Catalogue={folder["models.json"]}", "Models:BuiltIn=perhaps", "Ai:Text:ModelFamily=nova", "Ai:Text:ContextTokens=1"]);
            Assert.Equal(ExitCode.InvalidSetting, exitCode);
            Assert.Equal(
                [
                    "invalid-setting: --set Models:BuiltIn is 'perhaps': it must be true or false.",
                    "invalid-setting: Ai:Text:ContextTokens must be from 4,096 to 10,000,000 tokens.",
                    $"invalid-setting: Models:Catalogue: {folder["models.json"]}, line 2, $.readOn: it must have the form "
                        + "^[0-9]{4}-[0-9]{2}-[0-9]{2}$, and is 'today'.",
                ],
                errors.Trim().Split('\n').Order(StringComparer.Ordinal));
        }
    }

    private static IReadOnlyList<string> Wrong(params (string Key, string Value)[] settings) => Services(
        new ConfigurationBuilder()
            .AddInMemoryCollection(Storage)
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build()).FindWrongSettings();

    private static ServiceProvider Services(IConfiguration configuration) =>
        new ServiceCollection().AddLogging().AddLocalHost(configuration).BuildServiceProvider();

    private static void AssertReads(string sentence)
    {
        Assert.All(
            new[] { "System", "Microsoft", "Options", "DataAnnotation", "Exception", "Int32", "convert", "field" },
            word => Assert.DoesNotContain(word, sentence, StringComparison.Ordinal));
        Assert.EndsWith(".", sentence, StringComparison.Ordinal);
    }
}
