using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class ImageDetailTests : IDisposable
{
    private static readonly NetVipsImageEngine Engine = new(Decoders.Usual);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_original_of_512_pixels_is_seen_whole_in_low_detail() =>
        Assert.Equal("low", await ChooseAsync(ImageTokenRule.Tile85, "-size", "512x512", "plasma:tan-steelblue", "+noise", "Gaussian"));

    [Fact]
    public async Task A_blurred_photograph_shows_nothing_more_in_high_detail() =>
        Assert.Equal("low", await ChooseAsync(ImageTokenRule.Tile85, "-size", "125x94", "-seed", "7", "plasma:tan-steelblue", "-resize", "2000x1500!"));

    [Fact]
    public async Task A_gradient_is_flat() =>
        Assert.Equal("low", await ChooseAsync(ImageTokenRule.Tile2833, "-size", "3000x2000", "gradient:navy-white"));

    [Fact]
    public async Task A_detailed_photograph_is_sent_in_high_detail() =>
        Assert.Equal(
            "high",
            await ChooseAsync(
                ImageTokenRule.Tile85, "-size", "2000x1500", "-seed", "7", "plasma:tan-steelblue", "-attenuate", "0.5", "+noise", "Gaussian"));

    [Fact]
    public async Task One_line_of_small_print_on_an_empty_page_is_enough_for_high_detail() =>
        Assert.Equal(
            "high",
            await ChooseAsync(
                ImageTokenRule.Tile85, "-size", "1000x1400", "xc:white", "-pointsize", "11", "-draw", "text 300,700 'Total due: 17.40'"));

    [Fact]
    public async Task An_image_for_low_detail_is_made_small_enough_at_once()
    {
        var file = folder["gradient.png"];
        await Tool.ImageMagickAsync("-size", "3000x2000", "gradient:navy-white", file);
        var request = new OptimizeRequest(1024, 100_000_000, 85, ImageTokenRule.Tile85);
        var optimized = (await Engine.OptimizeAsync(file, request, CancellationToken.None)).Value;
        Assert.Equal(("low", 512, 341), (optimized.Detail, optimized.Width, optimized.Height));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ImageTokenRule.Unknown)]
    [InlineData(ImageTokenRule.Patch162)]
    public async Task Where_low_detail_means_nothing_none_is_chosen(ImageTokenRule? rule) =>
        Assert.Equal("auto", await ChooseAsync(rule, "-size", "400x300", "gradient:navy-white"));

    private async Task<string> ChooseAsync(ImageTokenRule? rule, params string[] picture)
    {
        var file = folder["picture.png"];
        await Tool.ImageMagickAsync([.. picture, file]);
        var request = new OptimizeRequest(1024, 100_000_000, 85, rule);
        var optimized = await Engine.OptimizeAsync(file, request, CancellationToken.None);

        // An engine that leaves the choice to others sends the same.
        var large = await Engine.OptimizeAsync(file, request with { Detail = "high" }, CancellationToken.None);
        Assert.Equal(optimized.Value.Detail, ImageDetail.Choose(rule, large.Value));
        return optimized.Value.Detail!;
    }
}
