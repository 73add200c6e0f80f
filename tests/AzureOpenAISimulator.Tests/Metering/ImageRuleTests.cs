using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Models;

namespace AzureOpenAISimulator.Tests.Metering;

/// <summary>
/// The rules for images that are published since August 2026 (developers.openai.com/api/docs/guides/images-vision, "Calculating costs").
/// Published examples are named; the other figures were worked out from the page's rules by hand, apart from this code.
/// </summary>
public sealed class ImageRuleTests
{
    [Theory]
    [InlineData("gpt-5.4", ImageDetail.High, 1024, 1024, 1229)]
    [InlineData("gpt-5.4", ImageDetail.High, 2048, 2048, 3000)]
    [InlineData("gpt-4o", ImageDetail.High, 1024, 1024, 765)]
    [InlineData("gpt-4o", ImageDetail.High, 2048, 4096, 1105)]
    [InlineData("gpt-4.1", ImageDetail.High, 2048, 4096, 1105)]
    [InlineData("gpt-4o", ImageDetail.Low, 4096, 8192, 85)]
    public void Images_cost_what_is_published(string model, ImageDetail detail, int width, int height, int tokens) =>
        Assert.Equal(tokens, Rule(model).Tokens(width, height, detail));

    [Theory]
    [InlineData(1024, 1024, 1024)]
    [InlineData(1800, 2400, 1452)]
    public void A_budget_of_1536_patches_shrinks_as_published(int width, int height, int patches) =>
        Assert.Equal(patches, new PatchFit(65_535, 1536).Patches(new(width, height)));

    [Theory]
    [InlineData(512, 512, 308, 308, 308, 308, 308, 415, 255, 210)]
    [InlineData(1024, 1024, 1229, 308, 1229, 1229, 1229, 1659, 765, 630)]
    [InlineData(1920, 1080, 2448, 173, 2448, 2448, 2448, 3305, 1105, 910)]
    [InlineData(1800, 2400, 2942, 231, 5130, 5130, 3687, 4977, 765, 630)]
    [InlineData(2048, 2048, 3000, 308, 4916, 4916, 4916, 6636, 765, 630)]
    [InlineData(4000, 3000, 2942, 231, 14_100, 11_868, 3687, 4977, 765, 630)]
    [InlineData(6000, 4000, 2880, 212, 28_200, 11_859, 3303, 4459, 1105, 910)]
    public void Every_family_counts_every_size(
        int width, int height, int high, int low56, int original56, int original55, int low54, int mini41, int tiles85, int tiles70)
    {
        foreach (var model in new[] { "gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-5.5", "gpt-5.6-sol", "gpt-6-luna", "gpt-6.1-sol" })
        {
            Assert.Equal((model, high), (model, Rule(model).Tokens(width, height, ImageDetail.High)));
        }
        foreach (var model in new[] { "gpt-5.5", "gpt-5.6-terra", "gpt-5.6-luna", "gpt-6-sol" })
        {
            Assert.Equal((model, low56), (model, Rule(model).Tokens(width, height, ImageDetail.Low)));
        }
        foreach (var detail in new[] { ImageDetail.Original, ImageDetail.Auto })
        {
            Assert.Equal((detail, original56), (detail, Rule("gpt-5.6-luna").Tokens(width, height, detail)));
            Assert.Equal((detail, original55), (detail, Rule("gpt-5.5").Tokens(width, height, detail)));
        }
        Assert.Equal(original55, Rule("gpt-5.4-mini").Tokens(width, height, ImageDetail.Original));
        Assert.Equal(high, Rule("gpt-5.4").Tokens(width, height, ImageDetail.Auto));
        Assert.Equal(low54, Rule("gpt-5.4").Tokens(width, height, ImageDetail.Low));
        foreach (var detail in new[] { ImageDetail.Low, ImageDetail.High, ImageDetail.Auto })
        {
            Assert.Equal((detail, low54), (detail, Rule("gpt-5.2").Tokens(width, height, detail)));
            Assert.Equal((detail, mini41), (detail, Rule("gpt-4.1-mini").Tokens(width, height, detail)));
        }
        foreach (var detail in new[] { ImageDetail.High, ImageDetail.Auto })
        {
            Assert.Equal((detail, tiles85), (detail, Rule("gpt-4o").Tokens(width, height, detail)));
            Assert.Equal((detail, tiles85), (detail, Rule("gpt-4.1").Tokens(width, height, detail)));
            Assert.Equal((detail, tiles70), (detail, Rule("gpt-5.1").Tokens(width, height, detail)));
        }
    }

    [Theory]
    [InlineData("gpt-5-mini", 1229)]
    [InlineData("gpt-5-nano", 1536)]
    [InlineData("gpt-4.1-nano", 2520)]
    [InlineData("o4-mini", 1762)]
    public void Deprecated_models_keep_their_multipliers(string model, int tokens) =>
        Assert.Equal(tokens, Rule(model).Tokens(1024, 1024, ImageDetail.High));

    [Fact]
    public void Past_30000_patches_an_image_is_rejected_before_the_multiplier_counts()
    {
        var rule = Rule("gpt-5.6-luna");
        Assert.Equal(36_000, rule.Tokens(32 * 200, 32 * 150, ImageDetail.Auto));
        Assert.Null(rule.Tokens(32 * 200 + 1, 32 * 150, ImageDetail.Auto));
        Assert.NotNull(rule.Tokens(32 * 200 + 1, 32 * 150, ImageDetail.High));
    }

    [Fact]
    public void No_image_takes_more_than_its_budget_and_none_less_than_a_patch()
    {
        var usual = new PatchFit(2048, 2500);
        for (var width = 1; width <= 20_000; width += 997)
        {
            for (var height = 1; height <= 20_000; height += 991) Assert.InRange(usual.Patches(new(width, height)), 1, 2500);
        }
    }

    [Fact]
    public void A_square_that_fits_its_budget_to_the_pixel_loses_no_row_to_rounding()
    {
        // 50 × 50 patches fill 2,500, whatever the square's size was; in floating point some would come out at 49.99 and lose a row.
        for (var side = 1601; side <= 4096; side++) Assert.Equal((side, 2500), (side, new PatchFit(4096, 2500).Patches(new(side, side))));
    }

    private static ImageTokenRule Rule(string model) => ModelFamilies.Find(model).Images!;
}
