using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Models;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Images;
using ProductFamilies = MultiModal.Pipeline.Ai.Models.ModelFamilies;

namespace MultiModal.Pipeline.Tests.Costs;

/// <summary>The product's rules against the simulator's, which were written apart from them, and both against public figures.</summary>
public class EstimateTests
{
    [Theory]
    [InlineData("gpt-4o", "high", 1024, 1024, 765)] // OpenAI, "Images and vision", Calculating costs
    [InlineData("gpt-4o", "high", 2048, 4096, 1105)] // the same
    [InlineData("gpt-4o", "low", 4096, 8192, 85)] // the same
    [InlineData("gpt-4.1-mini", "high", 1024, 1024, 1659)] // the same: 1,024 patches and the factor 1.62; that the product is rounded up is not published
    [InlineData("gpt-4.1-mini", "high", 1800, 2400, 2353)] // the same: 1,452 patches
    public void Images_cost_what_the_provider_publishes(string model, string detail, int width, int height, int tokens)
    {
        Assert.Equal(tokens, VisionTokens.Count(ProductFamilies.FindChat(model)!.ImageTokens, detail, width, height));
        Assert.Equal(tokens, ModelFamilies.Find(model).Images!.Tokens(width, height, detail == "low"));
    }

    [Fact]
    public void Both_rules_agree_on_images_of_every_shape()
    {
        var random = new Random(5);
        // Models that the product has no rule for are not compared.
        var models = ModelFamilies.All
            .Where(f => f.Images is not null && ProductFamilies.FindChat(f.Name) is { } family && VisionTokens.Count(family.ImageTokens, "high", 1, 1) is not null)
            .ToList();
        Assert.NotEmpty(models);
        foreach (var model in models)
        {
            var rule = ProductFamilies.FindChat(model.Name)!.ImageTokens;
            for (var i = 0; i < 500; i++)
            {
                var (width, height) = (random.Next(1, 7000), random.Next(1, 7000));
                foreach (var detail in new[] { "low", "high" })
                {
                    var product = VisionTokens.Count(rule, detail, width, height);
                    Assert.True(product == model.Images!.Tokens(width, height, detail == "low"), $"{model.Name} {detail} {width}x{height}: {product}");
                }
            }
        }
    }

    [Theory]
    [InlineData(1.7, 17, 2)] // openai/openai-dotnet, tests/SessionRecords/TranscriptionTests
    [InlineData(6.46, 64, 6)] // the same
    [InlineData(0.5, 5, 1)]
    public void Recordings_cost_what_recorded_answers_show(double seconds, int tokens, int billedSeconds)
    {
        Assert.Equal((tokens, billedSeconds), (AudioMeter.Tokens(seconds), AudioMeter.BilledSeconds(seconds)));
        Assert.Equal((tokens, billedSeconds), (AudioTokens.Of(seconds), AudioTokens.BilledSeconds(seconds)));
    }

    [Fact]
    public void A_text_is_never_estimated_lower_than_four_characters_a_token()
    {
        const string prose = "The ferry leaves at nine from the covered quay, and the baker promised twice as many loaves.";
        Assert.True(TokenEstimate.ForText(prose) >= TextTokens.Of(prose));
        Assert.True(TokenEstimate.ForText(prose) * 3 / 4 <= TextTokens.Of(prose));
    }
}
