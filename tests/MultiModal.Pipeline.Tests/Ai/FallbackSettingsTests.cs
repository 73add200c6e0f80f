using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Selection;

namespace MultiModal.Pipeline.Tests.Ai;

public sealed class FallbackSettingsTests
{
    private static readonly Dictionary<string, string?> Azure = new()
    {
        ["AZURE_OPENAI_ENDPOINT"] = "https://mine.openai.azure.com",
        ["AZURE_OPENAI_API_KEY"] = "azure-key",
        ["Ai:Vision:Deployment"] = "eyes",
        ["Ai:Vision:ModelFamily"] = "gpt-4o",
    };

    [Fact]
    public void Without_a_fallback_there_is_none() => Assert.Null(Options([]).Vision.Second);

    [Fact]
    public void A_second_deployment_is_in_the_same_resource_and_opened_by_the_same_key()
    {
        var second = Options(new() { ["Ai:Vision:Fallback:Deployment"] = "gpt-4.1-mini" }).Vision.Second!;

        Assert.Equal(
            (EngineKind.AzureOpenAI, "gpt-4.1-mini", "https://mine.openai.azure.com", "azure-key", "gpt-4.1-mini"),
            (second.Engine, second.Asked, second.Endpoint, second.Key, second.KnownAs));
    }

    [Fact]
    public void A_second_resource_has_the_same_deployment_and_never_gets_the_key_of_the_first()
    {
        var second = Options(new() { ["Ai:Vision:Fallback:Endpoint"] = "https://other.openai.azure.com" }).Vision.Second!;

        Assert.Equal(("eyes", null, "gpt-4o"), (second.Asked, second.Key, second.KnownAs));
    }

    [Fact]
    public void A_second_provider_is_opened_by_its_own_key()
    {
        var second = Options(new() { ["OPENAI_API_KEY"] = "sk-mine", ["Ai:Vision:Fallback:Model"] = "gpt-5.6-luna" }).Vision.Second!;

        Assert.Equal(
            (EngineKind.OpenAI, "gpt-5.6-luna", "https://api.openai.com/v1", "sk-mine"),
            (second.Engine, second.Asked, second.BaseUrl, second.Key));
    }

    [Theory]
    [InlineData("Ai:Vision:Fallback:Deployment", "eyes", "Ai:Vision:Fallback names what Ai:Vision already asks")]
    [InlineData("Ai:Vision:Fallback:Key", "k", "Ai:Vision:Fallback names what Ai:Vision already asks")]
    [InlineData("Ai:Vision:Fallback:Engine", "Offline", "Ai:Vision:Fallback:Engine must be AzureOpenAI or OpenAI")]
    [InlineData("Ai:Vision:Fallback:Model", "gpt-5.6-luna", "Ai:Vision:Fallback uses OpenAI, which needs a key")]
    [InlineData("Ai:Vision:Fallback:Endpoint", "http://other.openai.azure.com", "Ai:Vision:Fallback:Endpoint")]
    [InlineData("Ai:Vision:Fallback:MaxConcurrency", "0", "Ai:Vision:Fallback:MaxConcurrency")]
    [InlineData("Ai:Speech:Fallback:Deployment", "gpt-4o-transcribe-diarize", "a model that tells speakers apart has no fallback and is none")]
    [InlineData("Ai:ImageGeneration:Fallback:Deployment", "gpt-image-2", "pictures have no fallback")]
    [InlineData("Ai:Vision:Fallback:Deploymnt", "b", "Did you mean Ai:Vision:Fallback:Deployment?")]
    [InlineData("Ai:Vision:Fallback:Engine", "Azure", "Ai:Vision:Fallback:Engine is 'Azure'")]
    [InlineData("Ai:FallbackPauseSeconds", "0", "Ai:FallbackPauseSeconds")]
    public void A_fallback_that_cannot_stand_in_stops_the_host_with_a_sentence(string setting, string value, string sentence)
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Options(new() { [setting] = value }));

        Assert.Contains(refusal.Failures, failure => failure.Contains(sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void An_engine_that_asks_no_model_has_no_fallback()
    {
        var refusal = Assert.Throws<OptionsValidationException>(
            () => Options(new() { ["Ai:Vision:Engine"] = "Offline", ["Ai:Vision:Fallback:Deployment"] = "b" }));

        Assert.StartsWith("Ai:Vision:Fallback is set, but Ai:Vision asks no model", Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void A_fallback_is_among_the_choices_and_shows_no_key()
    {
        using var services = Services(new() { ["Ai:Vision:Fallback:Deployment"] = "gpt-4.1-mini" });
        var fallback = Assert.Single(services.GetRequiredService<EngineFactory>().Choices, choice => choice.IsFallback);

        Assert.Equal("Ai:Vision:Fallback", fallback.Section);
        Assert.Equal(
            "Vision, fallback: AzureOpenAI, gpt-4.1-mini (as gpt-4.1-mini) at https://mine.openai.azure.com/openai/v1/, authentication: key",
            fallback.ToString());
    }

    private static AiOptions Options(Dictionary<string, string?> more)
    {
        using var services = Services(more);
        return services.GetRequiredService<IOptions<AiOptions>>().Value;
    }

    private static ServiceProvider Services(Dictionary<string, string?> more)
    {
        var settings = new Dictionary<string, string?>(Azure);
        foreach (var (key, value) in more) settings[key] = value;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return new ServiceCollection().AddLogging().AddEngines(configuration).BuildServiceProvider();
    }
}
