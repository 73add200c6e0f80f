namespace MultiModal.Pipeline.Images;

/// <summary>
/// The size that gets the most for the tokens of an image, by the rules of July 2026: <see cref="ImageRule"/> counts by those that hold now. Formulas
/// and examples: OpenAI, "Images and vision", section "Calculating costs" (platform.openai.com/docs/guides/images-vision). The page did not
/// say how a fraction of a token is rounded; up, as one report of usage has it (OpenAI community, "GPT-5-mini image input token calculation": 256
/// patches times 1.2 were 308).
/// </summary>
public static class VisionTokens
{
    private const int TileEdge = 512;
    private const int TileLongEdge = 2048;
    private const int TileShortEdge = 768;
    private const int PatchEdge = 32;
    private const int MaxPatches = 1536;

    /// <summary>Tolerance for divisions that are exact in the provider's formula, but not in the last bits of a double.</summary>
    private const double Rounding = 1e-6;

    /// <param name="rule">Rule of the model.</param>
    /// <param name="detail">Detail: <c>low</c>, <c>high</c> or <c>auto</c>, which is counted as high.</param>
    /// <param name="width">Width in pixels, 1 or more.</param>
    /// <param name="height">Height in pixels, 1 or more.</param>
    /// <returns>Number of tokens; null where the provider does not publish a rule or the model takes no images.</returns>
    public static int? Count(ImageTokenRule rule, string detail, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (Tiles(rule) is var (once, each))
        {
            if (IsLow(detail)) return once;
            var (seenWidth, seenHeight) = Seen(rule, detail, width, height);
            return once + (each * Pieces(seenWidth, TileEdge) * Pieces(seenHeight, TileEdge));
        }

        if (Multiplier(rule) is { } multiplier)
        {
            var (seenWidth, seenHeight) = Seen(rule, detail, width, height);
            return (int)Math.Ceiling(Pieces(seenWidth, PatchEdge) * Pieces(seenHeight, PatchEdge) * multiplier);
        }

        return null;
    }

    /// <summary>
    /// The largest size that costs no more tokens than the image would at <paramref name="maxEdge"/>: paid tiles and patches
    /// are filled, and nothing is sent that the provider would scale away. It is never larger than the original.
    /// </summary>
    /// <param name="rule">Rule of the model; where it is not known, the size is only limited to <paramref name="maxEdge"/>.</param>
    /// <param name="detail">Detail as for <see cref="Count"/>.</param>
    /// <param name="width">Width of the original, in pixels.</param>
    /// <param name="height">Height of the original, in pixels.</param>
    /// <param name="maxEdge">Long edge that sets the price, in pixels.</param>
    public static (int Width, int Height) TargetSize(ImageTokenRule rule, string detail, int width, int height, int maxEdge)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEdge, 1);
        var longEdge = Math.Max(width, height);
        var usual = AtEdge(width, height, Math.Min(longEdge, maxEdge));
        if (Count(rule, detail, usual.Width, usual.Height) is not { } budget) return usual;
        // No rule shows a model more than this; an upright strip of 32-px patches is the longest.
        for (var edge = Math.Min(longEdge, PatchEdge * MaxPatches); edge > 1; edge--)
        {
            var size = AtEdge(width, height, edge);
            var (seenWidth, seenHeight) = Seen(rule, detail, size.Width, size.Height);
            if (seenWidth >= size.Width && seenHeight >= size.Height && Count(rule, detail, size.Width, size.Height) <= budget) return size;
        }

        return usual;
    }

    /// <summary>The size of an image whose long edge is shrunk to so many pixels.</summary>
    internal static (int Width, int Height) AtEdge(int width, int height, int edge)
    {
        var longEdge = Math.Max(width, height);
        return (Side(width), Side(height));

        int Side(int side) => Math.Max(1, (int)Math.Round((double)side * edge / longEdge, MidpointRounding.AwayFromZero));
    }

    /// <summary>Whether the model has a cheaper detail and its size for the image is published.</summary>
    public static bool KnowsLowDetail(ImageTokenRule rule) => Tiles(rule) is not null;

    /// <summary>Tokens for the image itself (the only ones for low detail), and for each tile of it.</summary>
    private static (int Once, int Each)? Tiles(ImageTokenRule rule) => rule switch
    {
        ImageTokenRule.Tile85 => (85, 170),
        ImageTokenRule.Tile2833 => (2833, 5667),
        ImageTokenRule.Tile75 => (75, 150),
        ImageTokenRule.Tile70 => (70, 140),
        _ => null,
    };

    private static decimal? Multiplier(ImageTokenRule rule) => rule switch
    {
        ImageTokenRule.Patch162 => 1.62m,
        ImageTokenRule.Patch172 => 1.72m,
        ImageTokenRule.Patch246 => 2.46m,
        _ => null,
    };

    private static bool IsLow(string detail) => detail == ImageDetail.Low;

    /// <summary>The size that the model sees, after the provider's own scaling.</summary>
    private static (double Width, double Height) Seen(ImageTokenRule rule, string detail, double width, double height)
    {
        // Low detail is a version of at most 512 by 512 pixels, whatever rule the model has.
        if (IsLow(detail)) return Scaled(Math.Min(1, TileEdge / Math.Max(width, height)));
        if (Multiplier(rule) is not null) return SeenInPatches(width, height);
        var fitting = Math.Min(1, TileLongEdge / Math.Max(width, height));
        return Scaled(Math.Min(fitting, TileShortEdge / Math.Min(width, height)));

        (double, double) Scaled(double scale) => (width * scale, height * scale);
    }

    private static (double Width, double Height) SeenInPatches(double width, double height)
    {
        if (Pieces(width, PatchEdge) * Pieces(height, PatchEdge) <= MaxPatches) return (width, height);
        var scale = Math.Sqrt((double)PatchEdge * PatchEdge * MaxPatches / (width * height));
        // The image is then reduced to whole patches along the side that loses less than one.
        scale *= Math.Min(WholeShare(width * scale), WholeShare(height * scale));
        return (width * scale, height * scale);

        static double WholeShare(double side) => Math.Max(1, Math.Floor((side / PatchEdge) + Rounding)) / (side / PatchEdge);
    }

    private static int Pieces(double side, int edge) => Math.Max(1, (int)Math.Ceiling((side / edge) - Rounding));
}
