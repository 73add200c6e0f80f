using System.Globalization;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Costs;

namespace MultiModal.Pipeline.Tests.Costs;

public class PriceBookTests
{
    private static readonly DateTimeOffset Today = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly PriceBook BuiltIn = PriceBook.Open(null, ModelCatalogue.BuiltIn);

    public static TheoryData<string, Usage, decimal> Priced => new()
    {
        { "gpt-4o", new Usage(1_000_000, 0, 0), 2.50m },
        { "gpt-4o", new Usage(1_000_000, 400_000, 100_000), 1.50m + 0.50m + 1.00m },
        { "gpt-4o-2024-08-06", new Usage(1_000_000), 2.50m },
        { "gpt-4o-2024-05-13", new Usage(1_000_000), 5.00m },
        { "GPT-4.1-Mini", new Usage(765, 0, 120), 0.000498m },
        { "whisper-1", new Usage(AudioSeconds: 90), 0.009m },
        { "gpt-4o-transcribe", new Usage(17, 0, 12, 17), 0.000222m },
        { "gpt-5.6-luna", new Usage(200_000, 100_000, 100_000), 0.02m + 0.002m + 0.12m },
        { "gpt-5.6-luna", new Usage(200_000, CacheWriteTokens: 100_000), 0.02m + 0.025m },
        { "gpt-5.6-luna", new Usage(272_000), 0.0544m },
        { "gpt-5.6-luna", new Usage(272_001, 0, 100_000), (0.2m * 0.272001m * 2) + (0.12m * 1.5m) },
        { "gpt-5.4-mini", new Usage(300_000), 0.75m * 0.3m * 1.2m },
        { "gpt-5.1", new Usage(1_000_000, 0, 1_000_000), (1.25m + 10m) * 1.2m },
        { "gpt-6.1-terra", new Usage(100_000), 0.1m * 1.2m },
        { "gpt-transcribe", new Usage(AudioSeconds: 60), 0.0045m * 1.2m },
    };

    public static TheoryData<string, string, string, decimal> PricesByDay => new()
    {
        { "OpenAI", "gpt-5.6-luna", "2026-07-29", 1.00m },
        { "OpenAI", "gpt-5.6-luna", "2026-07-30", 0.20m },
        { "OpenAI", "gpt-5.6-sol", "2026-08-20", 5.00m },
        { "OpenAI", "gpt-5.6-sol", "2026-08-21", 4.00m },
        { "OpenAI", "gpt-5.6-sol", "2026-11-22", 5.00m },
        { "AzureOpenAI", "gpt-5.6-sol", "2026-08-31", 5.00m },
        { "AzureOpenAI", "gpt-5.6-sol", "2026-11-30", 4.00m },
        { "AzureOpenAI", "gpt-5.6-sol", "2026-12-01", 5.00m },
        { "OpenAI", "gpt-6.1-sol", "2026-11-28", 2.00m },
        { "AzureOpenAI", "gpt-6.1-sol", "2026-11-28", 2.40m },
    };

    [Theory]
    [MemberData(nameof(PricesByDay))]
    public void A_price_is_that_of_the_provider_on_the_day(string provider, string model, string day, decimal input) =>
        Assert.Equal(
            input, BuiltIn.Find(model, Enum.Parse<EngineKind>(provider), DateOnly.Parse(day, CultureInfo.InvariantCulture))?.InputPerMillion);

    [Fact]
    public void Only_a_price_of_Azure_that_is_not_known_is_assumed()
    {
        var day = new DateOnly(2026, 11, 28);
        Assert.True(BuiltIn.Find("gpt-5.1", EngineKind.AzureOpenAI, day)!.Assumed);
        Assert.False(BuiltIn.Find("gpt-5.1", EngineKind.OpenAI, day)!.Assumed);
        Assert.False(BuiltIn.Find("gpt-5.6-luna", EngineKind.AzureOpenAI, day)!.Assumed);
    }

    [Theory]
    [MemberData(nameof(Priced))]
    public void A_model_costs_what_its_row_says(string model, Usage usage, decimal usd) =>
        Assert.Equal(usd, BuiltIn.PriceOf(Engine(model), usage, Today));

    [Theory]
    [InlineData("gpt-4o-audio-preview")]
    [InlineData("gpt-5-pro")]
    [InlineData("gpt-5.9")]
    [InlineData("my-deployment")]
    public void A_name_that_only_begins_like_a_model_has_no_price(string model) =>
        Assert.Null(BuiltIn.PriceOf(Engine(model), new Usage(1), Today));

    [Fact]
    public void An_offline_engine_costs_nothing() =>
        Assert.Equal(0, BuiltIn.PriceOf(new EngineIdentity(EngineIdentity.Offline, "tesseract 5", "1"), new Usage(5, 0, 5), Today));

    [Fact]
    public void A_unit_without_a_price_makes_the_whole_call_unpriced() =>
        Assert.Null(BuiltIn.PriceOf(Engine("gpt-4o"), new Usage(100, AudioSeconds: 3), Today));

    [Fact]
    public void Every_row_says_where_and_when_it_was_read() =>
        Assert.All(BuiltIn.Rows, row => Assert.True(row.Source.Length > 10 && row.ReadOn.Year >= 2026, row.Family));

    [Fact]
    public void The_operators_book_replaces_the_families_that_it_names_and_changes_price_on_the_day()
    {
        using var folder = new TemporaryFolder();
        var book = PriceBook.Open(Write(folder, """
            { "prices": [
              { "family": "gpt-4o", "effectiveTo": "2026-11-22", "inputPerMillion": 3, "outputPerMillion": 12, "source": "contract 7", "readOn": "2026-11-01" },
              { "family": "gpt-4o", "effectiveFrom": "2026-11-22", "inputPerMillion": 2, "outputPerMillion": 8, "source": "contract 8", "readOn": "2026-11-01" },
              { "family": "compatible/llava", "inputPerMillion": 0, "outputPerMillion": 0, "source": "our own machine", "readOn": "2026-11-01" }
            ] }
            """), ModelCatalogue.BuiltIn);
        var million = new Usage(1_000_000);
        Assert.Equal(3, book.PriceOf(Engine("gpt-4o"), million, new DateTimeOffset(2026, 11, 21, 23, 59, 59, TimeSpan.Zero)));
        Assert.Equal(2, book.PriceOf(Engine("gpt-4o"), million, new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero)));
        Assert.Equal(0, book.PriceOf(Engine("compatible/llava"), million, Today));
        Assert.Equal(0.40m, book.PriceOf(Engine("gpt-4.1-mini"), million, Today));
    }

    [Theory]
    [InlineData("""{ "prices": [ { "family": "x", "inputPerMillion": -1, "source": "here it is", "readOn": "2026-01-01" } ] }""", "negative")]
    [InlineData("""{ "prices": [ { "family": "x", "inputPerMillon": 1, "source": "here it is", "readOn": "2026-01-01" } ] }""", "inputPerMillon")]
    [InlineData(
        """{ "prices": [ { "family": "x", "source": "here it is", "readOn": "2026-01-01" }, { "family": "X", "source": "here it is", "readOn": "2026-01-01" } ] }""", "two prices")]
    [InlineData("""{ }""", "no prices")]
    public void An_invalid_price_book_is_refused_with_an_explanation(string json, string says)
    {
        using var folder = new TemporaryFolder();
        var options = new CostOptions { PriceBook = Write(folder, json) };
        var problem = Assert.Single(options.Validate(new System.ComponentModel.DataAnnotations.ValidationContext(options)));
        Assert.Contains("Costs:PriceBook", problem.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains(says, problem.ErrorMessage, StringComparison.Ordinal);
    }

    private static EngineIdentity Engine(string model) => new("AzureOpenAI", "deployment", "1", model);

    private static string Write(TemporaryFolder folder, string json)
    {
        var path = Path.Combine(folder.Path, "prices.json");
        File.WriteAllText(path, json);
        return path;
    }
}
