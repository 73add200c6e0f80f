namespace AzureOpenAISimulator.Metering;

/// <summary>Until July 2026: as <see cref="TileRule"/>, but sides rounded to the nearest pixel at the end, and only then.</summary>
/// <param name="BaseTokens">Charged once; all that low detail costs.</param>
/// <param name="TokensPerTile">Charged for each tile begun.</param>
public sealed record JulyTileRule(int BaseTokens, int TokensPerTile) : ImageTokenRule
{
    public override int? Tokens(int width, int height, ImageDetail detail)
    {
        if (detail == ImageDetail.Low) return BaseTokens;
        double w = width, h = height;
        var fit = Math.Min(1, 2048 / Math.Max(w, h));
        (w, h) = (w * fit, h * fit);
        var shrink = Math.Min(1, 768 / Math.Min(w, h));
        (w, h) = (Math.Round(w * shrink), Math.Round(h * shrink));
        return BaseTokens + TokensPerTile * Tiles(w) * Tiles(h);
    }

    private static int Tiles(double side) => Math.Max(1, (int)Math.Ceiling(side / 512));
}
