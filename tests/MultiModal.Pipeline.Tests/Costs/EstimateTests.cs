using AzureOpenAISimulator.Metering;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Images;
using ModelFamilies = AzureOpenAISimulator.Models.ModelFamilies;

namespace MultiModal.Pipeline.Tests.Costs;

/// <summary>The product's rules against the simulator's, which were written apart from them, and both against public figures.</summary>
public class EstimateTests
{
    [Theory]
    [InlineData("gpt-5.4", "high", 1024, 1024, 1229)] // OpenAI, "Images and vision", Calculating costs, August 2026
    [InlineData("gpt-5.4", "high", 2048, 2048, 3000)] // the same: 1,600 x 1,600 are 2,500 patches
    [InlineData("gpt-4o", "high", 1024, 1024, 765)] // the same
    [InlineData("gpt-4o", "high", 2048, 4096, 1105)] // the same
    [InlineData("gpt-4o", "low", 4096, 8192, 85)] // the same
    [InlineData("gpt-4.1-mini", "high", 1024, 1024, 1659)] // the same rule and the factor 1.62
    public void Images_cost_what_the_provider_publishes(string model, string detail, int width, int height, int tokens)
    {
        Assert.Equal(tokens, RuleOf(model).Count(detail, width, height));
        Assert.Equal(tokens, ModelFamilies.Find(model).Images!.Tokens(width, height, Simulated(detail)));
    }

    [Fact]
    public void A_picture_of_1800_by_2400_fills_1452_patches_of_a_budget_of_1536() =>
        Assert.Equal(1452, new PatchLimits(Edge: 65_535, Patches: 1536).Count(1800, 2400)); // OpenAI, "Images and vision", July 2026

    public static TheoryData<string, string, int[]> Regression => new()
    {
        { "gpt-5.4", "high", [308, 1229, 2448, 2942, 3000, 2942, 2880] },
        { "gpt-5.5", "high", [308, 1229, 2448, 2942, 3000, 2942, 2880] },
        { "gpt-5.6-luna", "high", [308, 1229, 2448, 2942, 3000, 2942, 2880] },
        { "gpt-5.6-luna", "auto", [308, 1229, 2448, 2942, 3000, 2942, 2880] },
        { "gpt-5.6-luna", "low", [308, 308, 173, 231, 308, 231, 212] },
        { "gpt-5.6-luna", "original", [308, 1229, 2448, 5130, 4916, 14_100, 28_200] },
        { "gpt-5.5", "original", [308, 1229, 2448, 5130, 4916, 11_868, 11_859] },
        { "gpt-5.4", "original", [308, 1229, 2448, 5130, 4916, 11_868, 11_859] },
        { "gpt-6-luna", "high", [308, 1229, 2448, 2942, 3000, 2942, 2880] },
        { "gpt-5.4-mini", "low", [308, 1229, 2448, 3687, 4916, 3687, 3303] },
        { "gpt-5.4", "low", [308, 1229, 2448, 3687, 4916, 3687, 3303] },
        { "gpt-5.2", "low", [308, 1229, 2448, 3687, 4916, 3687, 3303] },
        { "gpt-5.2", "high", [308, 1229, 2448, 3687, 4916, 3687, 3303] },
        { "gpt-4.1-mini", "high", [415, 1659, 3305, 4977, 6636, 4977, 4459] },
        { "gpt-4.1-mini", "low", [415, 1659, 3305, 4977, 6636, 4977, 4459] },
        { "gpt-4o", "high", [255, 765, 1105, 765, 765, 765, 1105] },
        { "gpt-4.1", "high", [255, 765, 1105, 765, 765, 765, 1105] },
        { "gpt-5.1", "high", [210, 630, 910, 630, 630, 630, 910] },
    };

    /// <summary>Computed from the published rules by hand, and not published themselves.</summary>
    [Theory]
    [MemberData(nameof(Regression))]
    public void Images_of_seven_sizes_cost_what_the_rules_say(string model, string detail, int[] tokens)
    {
        (int Width, int Height)[] sizes = [(512, 512), (1024, 1024), (1920, 1080), (1800, 2400), (2048, 2048), (4000, 3000), (6000, 4000)];
        var rule = RuleOf(model);
        Assert.Equal(tokens, sizes.Select(size => detail == "original" ? OfOriginal(size) : rule.Count(detail, size.Width, size.Height)));

        // Requests never ask for the original size: it is in the catalogue for what a request without a detail would cost.
        int OfOriginal((int Width, int Height) size) =>
            (int)Math.Ceiling(rule.Patches!.Original!.Count(size.Width, size.Height) * rule.Patches.Multiplier);
    }

    [Theory]
    [InlineData("gpt-5.6-luna", "original")]
    [InlineData("gpt-5.5", "original")]
    [InlineData("gpt-5.4", "high")]
    [InlineData("gpt-5.2", "high")]
    public void A_request_without_a_detail_would_get_the_level_that_the_model_chooses(string model, string level) =>
        Assert.Equal(level, RuleOf(model).Patches!.Auto);

    [Fact]
    public void Images_of_a_model_that_nobody_knows_are_reserved_by_the_dearest_rule_of_recent_models()
    {
        using var unknown = Vision("nova-1");
        using var dearest = Vision("gpt-4.1-nano"); // 2.46 a patch
        using var cheap = Vision("gpt-5.6-luna");
        Assert.Equal(Tokens(dearest), Tokens(unknown));
        Assert.True(Tokens(cheap) < Tokens(unknown));

        static Ai.Engines Vision(string model) => Ai.Engines.With(
            TimeProvider.System, ("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com"), ("AZURE_OPENAI_DEPLOYMENT", model),
            ("Ai:Speech:Engine", "Off"));

        static long Tokens(Ai.Engines engines) => engines.Set.Vision!.Estimate(1024, 1024, "high", language: null).Expected.InputTokens;
    }

    [Fact]
    public void Both_rules_agree_on_images_of_every_shape()
    {
        var random = new Random(5);
        var models = ModelFamilies.All.Where(f => f.Images is not null).ToList();
        Assert.NotEmpty(models);
        foreach (var model in models)
        {
            var rule = RuleOf(model.Name);
            for (var i = 0; i < 500; i++)
            {
                var (width, height) = (random.Next(1, 7000), random.Next(1, 7000));
                foreach (var detail in new[] { "low", "high" })
                {
                    var product = rule.Count(detail, width, height);
                    Assert.True(
                        product == model.Images!.Tokens(width, height, Simulated(detail)), $"{model.Name} {detail} {width}x{height}: {product}");
                }
            }
        }
    }

    private static ImageRule RuleOf(string model) =>
        MultiModal.Pipeline.Ai.Models.ModelFamilies.BuiltIn.ChatOf(model, MultiModal.Pipeline.Ai.Models.ModelFamilies.UnknownServiceChat).Images!;

    private static AzureOpenAISimulator.Metering.ImageDetail Simulated(string detail) =>
        Enum.Parse<AzureOpenAISimulator.Metering.ImageDetail>(detail, ignoreCase: true);

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
