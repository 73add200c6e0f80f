using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

public class VisionTokensTests
{
    [Theory]
    [InlineData(ImageTokenRule.Tile85, "high", 1024, 1024, 765)]
    [InlineData(ImageTokenRule.Tile85, "high", 2048, 4096, 1105)]
    [InlineData(ImageTokenRule.Tile85, "low", 4096, 8192, 85)]
    [InlineData(ImageTokenRule.Patch162, "high", 1024, 1024, 1659)] // 1,024 patches
    [InlineData(ImageTokenRule.Patch162, "high", 1800, 2400, 2353)] // 1,452 patches
    [InlineData(ImageTokenRule.Patch246, "high", 1024, 1024, 2520)]
    [InlineData(ImageTokenRule.Patch246, "high", 1800, 2400, 3572)]
    [InlineData(ImageTokenRule.Patch172, "high", 1800, 2400, 2498)]
    public void The_providers_published_examples_hold(ImageTokenRule rule, string detail, int width, int height, int tokens) =>
        Assert.Equal(tokens, VisionTokens.Count(rule, detail, width, height));

    [Theory]
    [InlineData(ImageTokenRule.Tile85, "high", 512, 512, 255)]
    [InlineData(ImageTokenRule.Tile85, "auto", 513, 512, 425)]
    [InlineData(ImageTokenRule.Tile2833, "high", 1024, 1024, 25501)]
    [InlineData(ImageTokenRule.Tile2833, "low", 1024, 1024, 2833)]
    [InlineData(ImageTokenRule.Tile75, "high", 1024, 1024, 675)]
    [InlineData(ImageTokenRule.Tile70, "high", 1024, 1024, 630)]
    [InlineData(ImageTokenRule.Patch162, "low", 32, 32, 2)]
    [InlineData(ImageTokenRule.Patch162, "high", 33, 32, 4)]
    [InlineData(ImageTokenRule.Patch162, "high", 1, 1, 2)]
    public void Each_tile_and_patch_that_is_begun_counts(ImageTokenRule rule, string detail, int width, int height, int tokens) =>
        Assert.Equal(tokens, VisionTokens.Count(rule, detail, width, height));

    [Theory]
    [InlineData(ImageTokenRule.Unknown)]
    [InlineData(ImageTokenRule.None)]
    public void Without_a_published_rule_no_tokens_are_counted_and_only_the_edge_limits_the_size(ImageTokenRule rule)
    {
        Assert.Null(VisionTokens.Count(rule, "high", 100, 100));
        Assert.Equal((1024, 768), VisionTokens.TargetSize(rule, "high", 4000, 3000, 1024));
        Assert.Equal((400, 300), VisionTokens.TargetSize(rule, "high", 400, 300, 1024));
    }

    [Theory]
    [InlineData(ImageTokenRule.Tile85, "high", 4000, 3000, 1024, 1024, 768)] // four tiles, as high as the provider lets it be
    [InlineData(ImageTokenRule.Tile85, "high", 3000, 2000, 600, 768, 512)] // two tiles, filled
    [InlineData(ImageTokenRule.Tile85, "high", 3000, 3000, 1024, 768, 768)] // the rest would be scaled away
    [InlineData(ImageTokenRule.Tile85, "low", 4000, 3000, 1024, 512, 384)] // low is seen at 512
    [InlineData(ImageTokenRule.Tile85, "high", 400, 300, 1024, 400, 300)] // never enlarged
    [InlineData(ImageTokenRule.Patch162, "high", 3000, 2000, 1000, 1008, 672)] // 32 x 21 patches, filled
    public void Tiles_and_patches_that_are_paid_for_are_filled(
        ImageTokenRule rule, string detail, int width, int height, int maxEdge, int sentWidth, int sentHeight) =>
        Assert.Equal((sentWidth, sentHeight), VisionTokens.TargetSize(rule, detail, width, height, maxEdge));

    [Fact]
    public void The_target_never_costs_more_than_the_edge_would_and_nothing_larger_costs_the_same()
    {
        var random = new Random(3);
        foreach (var rule in new[] { ImageTokenRule.Tile85, ImageTokenRule.Patch162 })
        {
            for (var i = 0; i < 300; i++)
            {
                var (width, height, maxEdge) = (random.Next(1, 6000), random.Next(1, 6000), random.Next(64, 2048));
                var scale = Math.Min(1, (double)maxEdge / Math.Max(width, height));
                var budget = VisionTokens.Count(rule, "high", Side(width * scale), Side(height * scale));
                var target = VisionTokens.TargetSize(rule, "high", width, height, maxEdge);
                Assert.True(VisionTokens.Count(rule, "high", target.Width, target.Height) <= budget);
                Assert.True(target.Width <= width && target.Height <= height);
                Assert.Equal(target, VisionTokens.TargetSize(rule, "high", width, height, Math.Max(target.Width, target.Height)));
            }
        }

        static int Side(double side) => Math.Max(1, (int)Math.Round(side, MidpointRounding.AwayFromZero));
    }
}
