namespace AzureOpenAISimulator.Metering;

/// <summary>The published rules for images changed after July 2026; which of the two a simulator counts by is a day that a test chooses.</summary>
public static class ImageRuleDay
{
    /// <summary>The last day of the older rules.</summary>
    public static DateOnly July2026 { get; } = new(2026, 7, 31);

    /// <summary>The first day of the rules that are published now.</summary>
    public static DateOnly August2026 { get; } = new(2026, 8, 1);

    /// <summary>What a simulator counts by unless a test says otherwise.</summary>
    public static DateOnly Default => August2026;
}
