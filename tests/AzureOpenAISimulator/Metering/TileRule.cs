namespace AzureOpenAISimulator.Metering;

/// <summary>
/// Fit into 2048 × 2048, then the shortest side to 768 (never enlarged), then 512-pixel tiles.
/// Published examples: 1024 × 1024 is 765 tokens and 2048 × 4096 is 1105 at 85 + 170 a tile.
/// </summary>
/// <param name="BaseTokens">Charged once; all that low detail costs.</param>
/// <param name="TokensPerTile">Charged for each tile begun.</param>
public sealed record TileRule(int BaseTokens, int TokensPerTile) : ImageTokenRule
{
    public override int Tokens(int width, int height, bool lowDetail)
    {
        if (lowDetail) return BaseTokens;
        double w = width, h = height;
        var fit = Math.Min(1, 2048 / Math.Max(w, h));
        (w, h) = (w * fit, h * fit);
        var shrink = Math.Min(1, 768 / Math.Min(w, h));
        (w, h) = (Math.Round(w * shrink), Math.Round(h * shrink));
        return BaseTokens + TokensPerTile * Tiles(w) * Tiles(h);
    }

    private static int Tiles(double side) => Math.Max(1, (int)Math.Ceiling(side / 512));
}
