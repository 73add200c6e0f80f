using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// What an image costs in input tokens, as a provider publishes it: by tiles or by patches, of which one is null. Formulas and examples: OpenAI,
/// "Images and vision", section "Calculating costs", of August 2026 (developers.openai.com/api/docs/guides/images-vision).
/// </summary>
/// <param name="Tiles">Squares of 512 pixels.</param>
/// <param name="Patches">Squares of 32 pixels.</param>
/// <param name="Source">Where it was read.</param>
public sealed record ImageRule(TileRule? Tiles, PatchRule? Patches, string Source)
{
    /// <param name="detail"><c>low</c> or <c>high</c>; <c>auto</c> is counted as high, which is what is sent for it.</param>
    /// <param name="width">Pixels, 1 or more.</param>
    /// <param name="height">Pixels, 1 or more.</param>
    public int Count(string detail, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var low = detail == ImageDetail.Low;
        if (Tiles is { } tiles) return low ? tiles.Once : tiles.Count(width, height);
        var patches = Patches!;
        return (int)Math.Ceiling((low ? patches.Low : patches.High).Count(width, height) * patches.Multiplier);
    }

    /// <summary>The size in which the model sees an image, after the provider has scaled it down.</summary>
    /// <param name="detail">As for <see cref="Count"/>.</param>
    /// <param name="width">Pixels, 1 or more.</param>
    /// <param name="height">Pixels, 1 or more.</param>
    public (int Width, int Height) Seen(string detail, int width, int height)
    {
        var low = detail == ImageDetail.Low;
        return Tiles is not null ? low ? Fit(width, height, TileRule.LowEdge) : TileRule.Seen(width, height)
            : (low ? Patches!.Low : Patches!.High).Seen(width, height);
    }

    /// <summary>Scaled down until the longer side has so many pixels, both rounded to whole ones; never enlarged.</summary>
    internal static (int Width, int Height) Fit(int width, int height, int edge)
    {
        var longer = Math.Max(width, height);
        return longer <= edge ? (width, height) : (Scaled(width), Scaled(height));

        int Scaled(int side) => Math.Max(1, (int)Math.Round((decimal)side * edge / longer, MidpointRounding.AwayFromZero));
    }

    /// <summary>Squares that cover an image, begun ones included.</summary>
    internal static int Squares(int width, int height, int edge) => (width + edge - 1) / edge * ((height + edge - 1) / edge);
}

/// <summary>
/// Fitted into 2,048 pixels; where the shorter side then has more than 768, it is scaled down to that and the other rounded down.
/// </summary>
/// <param name="Once">Tokens of the image; all of them at low detail.</param>
/// <param name="Each">Tokens of each 512-pixel tile that is begun.</param>
public sealed record TileRule(int Once, int Each)
{
    private const int LongEdge = 2048;
    private const int ShortEdge = 768;
    private const int TileEdge = 512;

    /// <summary>Long edge at low detail, in pixels.</summary>
    internal const int LowEdge = 512;

    internal int Count(int width, int height)
    {
        var (seenWidth, seenHeight) = Seen(width, height);
        return Once + (Each * ImageRule.Squares(seenWidth, seenHeight, TileEdge));
    }

    internal static (int Width, int Height) Seen(int width, int height)
    {
        var (fittedWidth, fittedHeight) = ImageRule.Fit(width, height, LongEdge);
        var shorter = Math.Min(fittedWidth, fittedHeight);
        return shorter > ShortEdge ? (fittedWidth * ShortEdge / shorter, fittedHeight * ShortEdge / shorter) : (fittedWidth, fittedHeight);
    }
}

/// <summary>Patches times a multiplier, rounded up.</summary>
/// <param name="Multiplier">Tokens of a patch.</param>
/// <param name="Low">What is seen at <c>detail: low</c>.</param>
/// <param name="High">What is seen at <c>detail: high</c>.</param>
/// <param name="Original">What is seen at <c>detail: original</c>, which is never sent; null where the model does not know it.</param>
/// <param name="Auto">The level that a request without a detail gets: <c>high</c> or <c>original</c>.</param>
public sealed record PatchRule(decimal Multiplier, PatchLimits Low, PatchLimits High, PatchLimits? Original, string Auto);

/// <summary>The size to which an image is scaled before its patches are counted.</summary>
/// <param name="Edge">Pixels of the longer side at most.</param>
/// <param name="Patches">Patches at most; null where there is no such limit.</param>
public sealed record PatchLimits(int Edge, [property: JsonRequired] int? Patches)
{
    private const int PatchEdge = 32;

    /// <summary>Divisions that come out whole in the published formula do so but for the last bits of a double.</summary>
    private const double Rounding = 1e-6;

    internal int Count(int width, int height)
    {
        var (seenWidth, seenHeight) = Seen(width, height);
        return ImageRule.Squares(seenWidth, seenHeight, PatchEdge);
    }

    internal (int Width, int Height) Seen(int width, int height)
    {
        var (fittedWidth, fittedHeight) = ImageRule.Fit(width, height, Edge);
        var needed = ImageRule.Squares(fittedWidth, fittedHeight, PatchEdge);
        if (Patches is not { } most || needed <= most) return (fittedWidth, fittedHeight);

        // As published: by the square root to the number of patches, then down to whole patches along the side that loses less than one.
        var scale = Math.Sqrt((double)PatchEdge * PatchEdge * most / ((double)fittedWidth * fittedHeight));
        scale *= Math.Min(WholeShare(fittedWidth * scale), WholeShare(fittedHeight * scale));
        return (RoundedDown(fittedWidth * scale), RoundedDown(fittedHeight * scale));

        static double WholeShare(double side) => Math.Max(1, Math.Floor((side / PatchEdge) + Rounding)) / (side / PatchEdge);

        static int RoundedDown(double side) => Math.Max(1, (int)Math.Floor(side + Rounding));
    }
}
