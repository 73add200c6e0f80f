using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Models;

namespace AzureOpenAISimulator.Tests.Metering;

/// <summary>The rules for images as they were published until July 2026, by which a simulator counts unless a test says otherwise.</summary>
public sealed class JulyImageRuleTests
{
    [Theory]
    [InlineData("gpt-4o", 1024, 1024, false, 765)]
    [InlineData("gpt-4o", 2048, 4096, false, 1105)]
    [InlineData("gpt-4o", 4096, 8192, true, 85)]
    [InlineData("gpt-4o", 512, 512, false, 255)]
    [InlineData("gpt-4o", 1, 1, false, 255)]
    [InlineData("gpt-4o-mini", 1024, 1024, false, 25_501)]
    [InlineData("gpt-4o-mini", 1024, 1024, true, 2833)]
    [InlineData("gpt-4.1", 1024, 1024, false, 765)]
    public void Tile_models_count_tiles(string model, int width, int height, bool low, int tokens) =>
        Assert.Equal(tokens, July(model).Tokens(width, height, low));

    [Theory]
    [InlineData(1024, 1024, 1024)]
    [InlineData(1800, 2400, 1452)]
    [InlineData(32, 32, 1)]
    [InlineData(33, 32, 2)]
    public void Patches_are_counted_as_published(int width, int height, int patches) =>
        Assert.Equal(patches, new JulyPatchRule(1536, 1m).Tokens(width, height, lowDetail: false));

    [Theory]
    [InlineData(256, 256, 77)]
    [InlineData(512, 512, 308)]
    [InlineData(768, 1024, 922)]
    [InlineData(1280, 720, 1104)]
    [InlineData(2048, 768, 1844)]
    public void Patch_products_round_up_as_measured_at_a_multiplier_of_1_2(int width, int height, int tokens) =>
        Assert.Equal(tokens, new JulyPatchRule(1536, 1.2m).Tokens(width, height, lowDetail: false));

    [Theory]
    [InlineData("gpt-4.1-mini", 1659)]
    [InlineData("gpt-5-mini", 1659)]
    [InlineData("gpt-4.1-nano", 2520)]
    [InlineData("o4-mini", 1762)]
    public void Patch_models_have_their_multipliers(string model, int tokens) =>
        Assert.Equal(tokens, July(model).Tokens(1024, 1024, lowDetail: false));

    [Fact]
    public void No_image_takes_more_than_the_patch_cap()
    {
        var rule = new JulyPatchRule(1536, 1m);
        for (var width = 1; width <= 20_000; width += 997)
        {
            for (var height = 1; height <= 20_000; height += 991) Assert.InRange(rule.Tokens(width, height, lowDetail: false)!.Value, 1, 1536);
        }
    }

    private static ImageTokenRule July(string model) => ModelFamilies.Find(model).ImagesOn(ImageRuleDay.July2026)!;
}
