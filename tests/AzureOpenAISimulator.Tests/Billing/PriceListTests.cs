using AzureOpenAISimulator.Billing;
using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Tests.Billing;

/// <summary>The prices that are published (developers.openai.com/api/docs/pricing, read on 2026-11-28), by day, tier and length.</summary>
public sealed class PriceListTests
{
    private static readonly DateOnly Today = new(2026, 11, 28);
    private static readonly string[] Unpublished = ["gpt-4.1-nano", "o1", "o3-mini"];

    [Theory]
    [InlineData("gpt-6-astra", "10.00", "1.00", "12.50", "50.00")]
    [InlineData("gpt-6.1-sol", "2.00", "0.10", "2.50", "10.00")]
    [InlineData("gpt-6-sol", "2.00", "0.20", "2.50", "10.00")]
    [InlineData("gpt-6.1-terra", "1.00", "0.05", "1.25", "5.00")]
    [InlineData("gpt-6-luna", "0.10", "0.01", "0.125", "0.50")]
    [InlineData("gpt-5.6-terra", "2.00", "0.20", "2.50", "12.00")]
    [InlineData("gpt-5.6-luna", "0.20", "0.02", "0.25", "1.20")]
    [InlineData("gpt-5.5", "5.00", "0.50", null, "30.00")]
    [InlineData("gpt-5.4", "2.50", "0.25", null, "15.00")]
    [InlineData("gpt-5.4-mini", "0.75", "0.075", null, "4.50")]
    [InlineData("gpt-5.4-nano", "0.20", "0.02", null, "1.25")]
    [InlineData("gpt-5.2", "1.75", "0.175", null, "14.00")]
    [InlineData("gpt-5.1", "1.25", "0.125", null, "10.00")]
    [InlineData("gpt-5", "1.25", "0.125", null, "10.00")]
    [InlineData("gpt-5-mini", "0.25", "0.025", null, "2.00")]
    [InlineData("gpt-5-nano", "0.05", "0.005", null, "0.40")]
    [InlineData("gpt-4.1", "2.00", "0.50", null, "8.00")]
    [InlineData("gpt-4.1-mini", "0.40", "0.10", null, "1.60")]
    [InlineData("gpt-4o", "2.50", "1.25", null, "10.00")]
    [InlineData("gpt-4o-mini", "0.15", "0.075", null, "0.60")]
    [InlineData("o3", "2.00", "0.50", null, "8.00")]
    [InlineData("o4-mini", "1.10", "0.275", null, "4.40")]
    public void A_million_tokens_cost_what_is_published_and_half_with_patience(
        string model, string input, string cached, string? write, string output)
    {
        foreach (var dialect in Enum.GetValues<Dialect>())
        {
            var price = Find(model, dialect, Today);
            // A thousand requests of a thousand tokens: none is long.
            decimal Million(CallUsage usage, ServiceTier tier) => price.Usd(usage, tier) * 1000;
            foreach (var (tier, share) in new[] { (ServiceTier.Default, 1m), (ServiceTier.Flex, 0.5m), (ServiceTier.Batch, 0.5m) })
            {
                Assert.Equal(Usd(input) * share, Million(new(1000, 0), tier));
                Assert.Equal(Usd(cached) * share, Million(new(1000, 0) { CachedTokens = 1000 }, tier));
                Assert.Equal(Usd(output) * share, Million(new(0, 1000), tier));
                if (write is not null) Assert.Equal(Usd(write) * share, Million(new(1000, 0) { CacheWriteTokens = 1000 }, tier));
            }
            Assert.Equal(write is not null, price.CacheWrite is not null);
        }
    }

    [Theory]
    [InlineData("gpt-6-astra", "20", "75")]
    [InlineData("gpt-6.1-sol", "4", "15")]
    [InlineData("gpt-6-sol", "4", "15")]
    [InlineData("gpt-6.1-terra", "2", "7.50")]
    [InlineData("gpt-6-luna", "0.20", "0.75")]
    [InlineData("gpt-5.6-terra", "4", "18")]
    [InlineData("gpt-5.6-luna", "0.40", "1.80")]
    [InlineData("gpt-5.5", "10", "45")]
    [InlineData("gpt-5.4", "5", "22.50")]
    public void Past_272000_tokens_of_input_the_whole_request_is_dearer(string model, string input, string output)
    {
        var price = Find(model, Dialect.OpenAI, Today);
        Assert.Equal(272_000 * price.Input / 1_000_000, price.Usd(new(272_000, 0), ServiceTier.Default));
        Assert.Equal(272_001 * Usd(input) / 1_000_000 + 1000 * Usd(output) / 1_000_000, price.Usd(new(272_001, 1000), ServiceTier.Default));
        Assert.Equal(price.Usd(new(272_001, 1000), ServiceTier.Default) / 2, price.Usd(new(272_001, 1000), ServiceTier.Flex));
        Assert.Equal(
            (200_000 * price.Cached!.Value + 100_000 * price.Input) * 2 / 1_000_000,
            price.Usd(new(300_000, 0) { CachedTokens = 200_000 }, ServiceTier.Default));
    }

    [Theory]
    [InlineData("gpt-5.6-luna", "2026-07-29", false, "1.00", "6.00")]
    [InlineData("gpt-5.6-luna", "2026-07-30", true, "0.20", "1.20")]
    [InlineData("gpt-5.6-terra", "2026-07-29", true, "2.50", "15.00")]
    [InlineData("gpt-5.6-terra", "2026-07-30", false, "2.00", "12.00")]
    [InlineData("gpt-5.6-sol", "2026-08-20", false, "5.00", "30.00")]
    [InlineData("gpt-5.6-sol", "2026-08-21", false, "4.00", "20.00")]
    [InlineData("gpt-5.6-sol", "2026-11-21", false, "4.00", "20.00")]
    [InlineData("gpt-5.6-sol", "2026-11-22", false, "5.00", "30.00")]
    [InlineData("gpt-5.6-sol", "2026-08-31", true, "5.00", "30.00")]
    [InlineData("gpt-5.6-sol", "2026-09-01", true, "4.00", "20.00")]
    [InlineData("gpt-5.6-sol", "2026-11-30", true, "4.00", "20.00")]
    [InlineData("gpt-5.6-sol", "2026-12-01", true, "5.00", "30.00")]
    public void A_price_holds_from_its_day_on_at_its_provider(string model, string day, bool azure, string input, string output)
    {
        var price = Find(model, azure ? Dialect.AzureV1 : Dialect.OpenAI, DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal((Usd(input), Usd(output)), (price.Input, price.Output));
    }

    [Fact]
    public void A_model_has_no_price_before_it_was_sold()
    {
        Assert.Null(PriceList.Find(ModelFamilies.Find("gpt-6-luna"), Dialect.OpenAI, new(2026, 9, 21)));
        Assert.NotNull(PriceList.Find(ModelFamilies.Find("gpt-6-luna"), Dialect.OpenAI, new(2026, 9, 22)));
    }

    [Fact]
    public void Every_model_that_can_be_bought_today_has_a_price()
    {
        foreach (var model in ModelFamilies.All.Where(family => !Unpublished.Contains(family.Name)))
        {
            Assert.True(PriceList.Find(model, Dialect.OpenAI, Today) is not null, model.Name);
        }
    }

    [Theory]
    [InlineData("whisper", 90, "0.009")]
    [InlineData("whisper", 1, "0.0001")]
    public void Speech_by_duration_costs_by_the_second(string model, int seconds, string usd) =>
        Assert.Equal(Usd(usd), Find(model, Dialect.OpenAI, Today).Usd(new(0, 0, AudioSeconds: seconds), ServiceTier.Default));

    [Theory]
    [InlineData("gpt-4o-transcribe", "2.50", "6.00", "10.00")]
    [InlineData("gpt-4o-mini-transcribe", "1.25", "3.00", "5.00")]
    public void Speech_by_tokens_prices_audio_and_text_separately(string model, string text, string audio, string output)
    {
        var price = Find(model, Dialect.AzureV1, Today);
        Assert.Equal(Usd(text), price.Usd(new(1_000_000, 0), ServiceTier.Default));
        Assert.Equal(Usd(audio), price.Usd(new(1_000_000, 0, AudioTokens: 1_000_000), ServiceTier.Default));
        Assert.Equal(Usd(output), price.Usd(new(0, 1_000_000), ServiceTier.Default));
    }

    [Fact]
    public void Usage_without_a_price_is_not_billed_as_free()
    {
        var price = Find("gpt-5.4-mini", Dialect.OpenAI, Today);
        Assert.Throws<InvalidOperationException>(() => price.Usd(new(100, 0) { CacheWriteTokens = 50 }, ServiceTier.Default));
        Assert.Throws<InvalidOperationException>(() => Find("gpt-4o-transcribe", Dialect.OpenAI, Today).Usd(new(100, 0), ServiceTier.Batch));
    }

    private static Price Find(string model, Dialect dialect, DateOnly day) => PriceList.Find(ModelFamilies.Find(model), dialect, day)!;

    private static decimal Usd(string amount) => decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture);
}
