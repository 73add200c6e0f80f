using AzureOpenAISimulator.Metering;

namespace AzureOpenAISimulator.Settings;

/// <summary>How the service behaves beyond its script. The defaults are those that tests without a wish of their own are written for.</summary>
public sealed record SimulatorSettings
{
    /// <summary>The day whose published rules images are counted by; see <see cref="ImageRuleDay"/>.</summary>
    public DateOnly ImageRulesOf { get; init; } = ImageRuleDay.Default;
}
