using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MultiModal.Pipeline.Registration;
using MultiModal.Pipeline.Settings;

namespace MultiModal.Pipeline.Tests.Costs;

public sealed class PictureBudgetTests
{
    [Theory]
    [InlineData("Budget:PerRunUsd")]
    [InlineData("Budget:PerDayUsd")]
    public void A_host_with_a_budget_that_makes_pictures_has_to_say_what_one_may_take(string budget)
    {
        Assert.StartsWith("Ai:ImageGeneration:MaxUsd must be set", Assert.Single(Problems((budget, "1"), Painter)), StringComparison.Ordinal);
        Assert.Empty(Problems((budget, "1"), Painter, ("Ai:ImageGeneration:MaxUsd", "0.05")));
        Assert.Empty(Problems((budget, "1")));
        Assert.Empty(Problems(Painter));
    }

    [Fact]
    public void What_is_wrong_with_the_engines_is_said_once() =>
        Assert.Contains("Ai:ImageGeneration:Format", Assert.Single(Problems(("Budget:PerRunUsd", "1"), Painter, ("Ai:ImageGeneration:Format", "webp"))), StringComparison.Ordinal);

    private static (string, string) Painter => ("Ai:ImageGeneration:Deployment", "painter");

    private static IReadOnlyList<string> Problems(params (string Key, string Value)[] settings)
    {
        var values = settings.Append(("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com")).Append(("Storage:ConnectionString", "UseDevelopmentStorage=true"))
            .ToDictionary(s => s.Item1, s => (string?)s.Item2);
        using var services = new ServiceCollection().AddLogging()
            .AddMultiModalPipeline(new ConfigurationBuilder().AddInMemoryCollection(values).Build())
            .BuildServiceProvider();
        return services.FindWrongSettings();
    }
}
