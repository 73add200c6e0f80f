using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Costs;

namespace MultiModal.Pipeline.Tests.Costs;

public sealed class ModelPriceTests
{
    private static readonly ModelPrice Price = new()
    {
        Family = "model", Source = "a contract", ReadOn = new DateOnly(2026, 3, 1),
        InputPerMillion = 2, CachedInputPerMillion = 0.5m, AudioInputPerMillion = 6, OutputPerMillion = 8, AudioMinute = 0.006m,
    };

    [Fact]
    public void Each_unit_has_its_own_price()
    {
        Assert.Equal(2m, Price.PriceOf(new Usage(InputTokens: 1_000_000)));
        Assert.Equal(8m, Price.PriceOf(new Usage(OutputTokens: 1_000_000)));
        Assert.Equal(0.012m, Price.PriceOf(new Usage(AudioSeconds: 120)));
        Assert.Equal((0.5m * 2) + (0.3m * 0.5m) + (0.2m * 6), Price.PriceOf(new Usage(1_000_000, 300_000, 0, 200_000)));
    }

    [Fact]
    public void Cached_and_audio_tokens_without_a_price_cost_what_any_input_costs() =>
        Assert.Equal(
            2m, (Price with { CachedInputPerMillion = null, AudioInputPerMillion = null }).PriceOf(new Usage(1_000_000, 300_000, 0, 200_000)));

    [Fact]
    public void More_cached_tokens_than_input_make_no_negative_price() =>
        Assert.Equal(0.5m, Price.PriceOf(new Usage(InputTokens: 10, CachedInputTokens: 1_000_000)));

    [Fact]
    public void A_unit_that_was_used_and_has_no_price_makes_the_call_unpriced_and_one_that_was_not_used_does_not()
    {
        var bare = Price with { InputPerMillion = null, OutputPerMillion = null, AudioMinute = null };
        Assert.Null(bare.PriceOf(new Usage(InputTokens: 1)));
        Assert.Null(bare.PriceOf(new Usage(OutputTokens: 1)));
        Assert.Null(bare.PriceOf(new Usage(AudioSeconds: 1)));
        Assert.Equal(0m, bare.PriceOf(Usage.None));
        Assert.Equal(0.012m, (bare with { AudioMinute = 0.006m }).PriceOf(new Usage(AudioSeconds: 120)));
        Assert.Equal(2m, (bare with { InputPerMillion = 2 }).PriceOf(new Usage(InputTokens: 1_000_000)));
    }

    [Fact]
    public void A_picture_has_its_own_price_and_what_else_a_model_without_another_price_says_costs_as_much()
    {
        var painter = Price with { OutputPerMillion = null, ImageOutputPerMillion = 30 };
        Assert.Equal(30m, painter.PriceOf(new Usage(OutputTokens: 1_000_000, ImageOutputTokens: 1_000_000)));
        Assert.Equal(30m, painter.PriceOf(new Usage(OutputTokens: 1_000_000, ImageOutputTokens: 900_000)));
        Assert.Equal(7.5m + (0.75m * 8), (painter with { OutputPerMillion = 8 }).PriceOf(new Usage(OutputTokens: 1_000_000, ImageOutputTokens: 250_000)));
        Assert.Equal(8m, Price.PriceOf(new Usage(OutputTokens: 1_000_000, ImageOutputTokens: 1_000_000)));
        Assert.Null((painter with { ImageOutputPerMillion = null }).PriceOf(new Usage(OutputTokens: 1, ImageOutputTokens: 1)));
    }

    [Theory]
    [InlineData(null, null, "2026-03-01", true)]
    [InlineData("2026-03-01", null, "2026-02-28", false)]
    [InlineData("2026-03-01", null, "2026-03-01", true)]
    [InlineData(null, "2026-03-01", "2026-02-28", true)]
    [InlineData(null, "2026-03-01", "2026-03-01", false)]
    [InlineData("2026-03-01", "2026-03-02", "2026-03-01", true)]
    public void A_price_holds_from_its_first_day_to_the_day_before_its_end(string? from, string? to, string day, bool holds)
    {
        var price = Price with { EffectiveFrom = Day(from), EffectiveTo = Day(to) };
        Assert.Equal(holds, price.HoldsOn(Day(day)!.Value));
    }

    private static DateOnly? Day(string? text) => text is null ? null : DateOnly.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
