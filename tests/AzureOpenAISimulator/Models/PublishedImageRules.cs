using AzureOpenAISimulator.Metering;

namespace AzureOpenAISimulator.Models;

/// <summary>
/// The table of developers.openai.com/api/docs/guides/images-vision, "Calculating costs", as of August 2026.
/// </summary>
internal static class PublishedImageRules
{
    private static readonly PatchFit Icon = new(512);
    private static readonly PatchFit Usual = new(2048, 2_500);
    private static readonly PatchFit Generous = new(2048, 6_144);
    private static readonly PatchFit Large = new(6000, 10_000);
    private static readonly PatchFit Whole = new(65_535);

    /// <summary>gpt-4o, gpt-4.1.</summary>
    public static TileRule Gpt4o { get; } = new(85, 170);

    public static TileRule Gpt4oMini { get; } = new(2833, 5667);

    /// <summary>gpt-5, gpt-5.1.</summary>
    public static TileRule Gpt5 { get; } = new(70, 140);

    /// <summary>o1, o3.</summary>
    public static TileRule OSeries { get; } = new(75, 150);

    /// <summary>
    /// gpt-5.6. No copy of the page that could be read has a row for gpt-6 and gpt-6.1; they are taken to count as gpt-5.6
    /// (so does docs.rs/vision-squeezer 0.6.2).
    /// </summary>
    public static PatchRule Gpt56 { get; } = new(1.2m, Icon, Usual, Whole, ImageDetail.Original);

    public static PatchRule Gpt55 { get; } = new(1.2m, Icon, Usual, Large, ImageDetail.Original);

    /// <summary>gpt-5.4, -mini, -nano. Low detail can cost more than high.</summary>
    public static PatchRule Gpt54 { get; } = new(1.2m, Generous, Usual, Large, ImageDetail.High);

    /// <summary>
    /// gpt-5.2 and gpt-4.1-mini: the same at every level. The page has dropped the sizes of gpt-4.1-nano, gpt-5-mini, gpt-5-nano and o4-mini and
    /// kept their multipliers; they are taken to look as closely as these, which bills the more.
    /// </summary>
    public static PatchRule SameAtEveryDetail(decimal multiplier) => new(multiplier, Generous, Generous, null, ImageDetail.High);
}
