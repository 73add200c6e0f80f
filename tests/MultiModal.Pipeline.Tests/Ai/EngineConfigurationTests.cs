using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Selection;

namespace MultiModal.Pipeline.Tests.Ai;

public class EngineConfigurationTests
{
    [Fact]
    public void Nothing_set_means_offline_with_the_documented_defaults()
    {
        var options = Options([]);

        Assert.All([options.Vision, options.Speech, options.Text], c => Assert.Equal(EngineKind.Offline, c.Engine));
        Assert.Equal(
            (8, 30_000, 5, 300, 60),
            (options.MaxConcurrency, options.SynthesisInputTokens, options.MaxAttempts, options.TimeoutSeconds, options.MaxRetryDelaySeconds));
    }

    [Fact]
    public void An_azure_endpoint_wins_over_an_openai_key()
    {
        var options = Options(new() { ["AZURE_OPENAI_ENDPOINT"] = "https://mine.openai.azure.com", ["OPENAI_API_KEY"] = "sk-other" });

        Assert.Equal(EngineKind.AzureOpenAI, options.Vision.Engine);
        Assert.Equal("whisper", options.Speech.Deployment);
        Assert.Null(options.Text.Key);
    }

    [Fact]
    public void An_openai_key_alone_means_openai()
    {
        var options = Options(new() { ["OPENAI_API_KEY"] = "sk-mine" });

        Assert.Equal(EngineKind.OpenAI, options.Text.Engine);
        Assert.Equal(("https://api.openai.com/v1", "sk-mine", "whisper-1"), (options.Speech.BaseUrl, options.Speech.Key, options.Speech.Model));
    }

    [Fact]
    public void A_base_url_alone_means_openai_there_and_needs_no_key()
    {
        var options = Options(new()
        {
            ["OPENAI_BASE_URL"] = "http://127.0.0.1:11434/v1",
            ["Ai:Vision:Model"] = "llama3.2-vision",
            ["Ai:Text:Model"] = "llama3.2",
            ["Ai:Speech:Engine"] = "Offline",
        });

        Assert.Equal((EngineKind.OpenAI, null), (options.Vision.Engine, options.Vision.Key));
        Assert.Equal(EngineKind.Offline, options.Speech.Engine);
    }

    [Fact]
    public void Each_capability_is_chosen_for_itself()
    {
        var options = Options(new()
        {
            ["AZURE_OPENAI_ENDPOINT"] = "https://mine.openai.azure.com",
            ["AZURE_OPENAI_DEPLOYMENT"] = "eyes-and-pen",
            ["Ai:Speech:BaseUrl"] = "http://127.0.0.1:8000/v1",
            ["Ai:Speech:Model"] = "Systran/faster-whisper-small",
            ["Ai:Text:Engine"] = "Off",
        });

        Assert.Equal((EngineKind.AzureOpenAI, "eyes-and-pen"), (options.Vision.Engine, options.Vision.Deployment));
        Assert.Equal(EngineKind.OpenAI, options.Speech.Engine);
        Assert.Equal(EngineKind.Off, options.Text.Engine);
    }

    [Fact]
    public void A_key_of_the_environment_is_not_sent_to_an_address_that_the_environment_does_not_name()
    {
        var options = Options(new()
        {
            ["OPENAI_API_KEY"] = "sk-mine",
            ["AZURE_OPENAI_ENDPOINT"] = "https://mine.openai.azure.com/",
            ["AZURE_OPENAI_API_KEY"] = "azure-key",
            ["Ai:Vision:BaseUrl"] = "http://elsewhere.example/v1",
            ["Ai:Vision:Model"] = "m",
            ["Ai:Speech:Endpoint"] = "https://other.openai.azure.com",
            ["Ai:Text:Endpoint"] = "https://mine.openai.azure.com",
        });

        Assert.Null(options.Vision.Key);
        Assert.Null(options.Speech.Key);
        Assert.Equal("azure-key", options.Text.Key);
    }

    [Theory]
    [InlineData("Ai:Vision:Engine", "AzureOpenAI", "Ai:Vision:Endpoint")]
    [InlineData("Ai:Text:Engine", "OpenAI", "OPENAI_API_KEY")]
    [InlineData("Ai:Text:Endpoint", "http://mine.openai.azure.com", "Ai:Text:Endpoint")]
    [InlineData("Ai:Speech:BaseUrl", "ftp://x", "Ai:Speech:BaseUrl")]
    [InlineData("Ai:Speech:BaseUrl", "http://127.0.0.1:8000/v1", "Ai:Speech:Model")]
    [InlineData("Ai:Vision:ModelFamily", "gtp-4o", "Ai:Vision:ModelFamily")]
    [InlineData("Ai:Speech:ModelFamily", "gpt-4o", "Ai:Speech:ModelFamily")]
    [InlineData("Ai:Text:ContextTokens", "100", "Ai:Text:ContextTokens")]
    [InlineData("Ai:MaxConcurrency", "0", "Ai:MaxConcurrency")]
    [InlineData("Ai:Speech:MaxConcurrency", "0", "Ai:Speech:MaxConcurrency")]
    [InlineData("Ai:SynthesisInputTokens", "10", "Ai:SynthesisInputTokens")]
    [InlineData("Ai:MaxAttempts", "21", "Ai:MaxAttempts")]
    [InlineData("Ai:TimeoutSeconds", "0", "Ai:TimeoutSeconds")]
    [InlineData("Ai:MaxRetryDelaySeconds", "0", "Ai:MaxRetryDelaySeconds")]
    [InlineData("Ai:ImageGeneration:Engine", "Offline", "no program on this machine makes pictures")]
    [InlineData("Ai:ImageGeneration:Engine", "Whisper", "Ai:ImageGeneration:Engine")]
    [InlineData("Ai:ImageGeneration:Engine", "OpenAI", "OPENAI_API_KEY")]
    [InlineData("Ai:ImageGeneration:Deployment", "painter", "Ai:ImageGeneration:Endpoint")]
    [InlineData("Ai:ImageGeneration:Endpoint", "https://mine.openai.azure.com", "Ai:ImageGeneration:Deployment")]
    [InlineData("Ai:ImageGeneration:BaseUrl", "http://127.0.0.1:8000/v1", "Ai:ImageGeneration:Model")]
    [InlineData("Ai:ImageGeneration:ModelFamily", "gpt-4o", "Ai:ImageGeneration:ModelFamily")]
    [InlineData("Ai:ImageGeneration:MaxUsd", "0", "Ai:ImageGeneration:MaxUsd")]
    [InlineData("Ai:ImageGeneration:MaxPixels", "1000", "Ai:ImageGeneration:MaxPixels")]
    [InlineData("Ai:ImageGeneration:Size", "auto", "Ai:ImageGeneration:Size")]
    [InlineData("Ai:ImageGeneration:Quality", "best", "Ai:ImageGeneration:Quality")]
    [InlineData("Ai:ImageGeneration:QualityCeiling", "auto", "Ai:ImageGeneration:QualityCeiling")]
    [InlineData("Ai:ImageGeneration:Format", "webp", "Ai:ImageGeneration:Format")]
    [InlineData("Ai:ImageGeneration:PromptCeiling", "1001", "Ai:ImageGeneration:PromptCeiling")]
    public void A_bad_setting_is_named(string setting, string value, string named)
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Options(new() { [setting] = value }));

        Assert.Contains(named, Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com")]
    [InlineData("OPENAI_API_KEY", "sk-mine")]
    public void No_key_and_no_endpoint_of_the_environment_means_that_pictures_are_made(string variable, string value)
    {
        Assert.Equal(EngineKind.Off, Options(new() { [variable] = value, ["AZURE_OPENAI_DEPLOYMENT"] = "chat" }).ImageGeneration.Engine);
        using var services = Services(new()
        {
            [variable] = value, ["Ai:Vision:Engine"] = "Off", ["Ai:Speech:Engine"] = "Off", ["Ai:Text:Engine"] = "Off",
        });
        Assert.Null(services.GetRequiredService<EngineSet>().Pictures);
    }

    [Fact]
    public void A_deployment_or_a_model_that_makes_pictures_is_enough_beside_the_address_of_the_environment()
    {
        var azure = Options(new()
        {
            ["AZURE_OPENAI_ENDPOINT"] = "https://mine.openai.azure.com", ["AZURE_OPENAI_API_KEY"] = "key", ["Ai:ImageGeneration:Deployment"] = "painter",
        }).ImageGeneration;
        Assert.Equal((EngineKind.AzureOpenAI, "https://mine.openai.azure.com", "key"), (azure.Engine, azure.Endpoint, azure.Key));

        var openAI = Options(new() { ["OPENAI_API_KEY"] = "sk-mine", ["Ai:ImageGeneration:Model"] = "painter" }).ImageGeneration;
        Assert.Equal((EngineKind.OpenAI, "https://api.openai.com/v1", "sk-mine"), (openAI.Engine, openAI.BaseUrl, openAI.Key));
        Assert.Throws<OptionsValidationException>(() => Options(new() { ["OPENAI_API_KEY"] = "sk-mine", ["Ai:ImageGeneration:Engine"] = "OpenAI" }));
    }

    [Fact]
    public void A_capability_that_is_off_has_no_engine_and_choices_show_no_key()
    {
        using var services = Services(new()
        {
            ["Ai:Vision:Engine"] = "Off",
            ["Ai:Speech:Engine"] = "Off",
            ["Ai:Text:BaseUrl"] = "https://models.example/v1",
            ["Ai:Text:Model"] = "m",
            ["Ai:Text:Key"] = "sk-very-secret",
            ["Ai:Text:ContextTokens"] = "8192",
        });
        var engines = services.GetRequiredService<EngineSet>();
        var choices = services.GetRequiredService<EngineFactory>().Choices;

        Assert.Null(engines.Vision);
        Assert.Null(engines.Speech);
        Assert.Equal("OpenAI/m", engines.Text!.Identity.Name);
        Assert.InRange(engines.SynthesisInputTokens, 1_000, 4_000);
        Assert.Equal("Text: OpenAI, m (as compatible server) at https://models.example/v1/, authentication: key", choices[2].ToString());
        Assert.DoesNotContain("secret", string.Concat(choices), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_without_the_chosen_offline_engine_fails_and_names_the_setting()
    {
        using var services = Services([]);

        var refusal = Assert.Throws<InvalidOperationException>(services.GetRequiredService<EngineSet>);

        Assert.Contains("Ai:", refusal.Message, StringComparison.Ordinal);
    }

    private static AiOptions Options(Dictionary<string, string?> settings)
    {
        using var services = Services(settings);
        return services.GetRequiredService<IOptions<AiOptions>>().Value;
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return new ServiceCollection().AddLogging().AddEngines(configuration).BuildServiceProvider();
    }
}
