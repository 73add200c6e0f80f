namespace AzureOpenAISimulator.Metering;

/// <summary>
/// The older models: fit into 2048 × 2048; where the shorter side is then over 768, it becomes 768 and the other is rounded down;
/// then 512-pixel tiles.
/// Published examples: 1024 × 1024 is 765 tokens and 2048 × 4096 is 1,105 at 85 + 170 a tile. <c>auto</c> is high.
/// </summary>
/// <param name="BaseTokens">Charged once; all that low detail costs.</param>
/// <param name="TokensPerTile">Charged for each tile begun.</param>
public sealed record TileRule(int BaseTokens, int TokensPerTile) : ImageTokenRule
{
    private const int ShorterSide = 768;

    public override int? Tokens(int width, int height, ImageDetail detail)
    {
        if (detail == ImageDetail.Low) return BaseTokens;
        var size = new PixelSize(width, height).FitInto(2048);
        var shorter = Math.Min(size.Width, size.Height);
        if (shorter > ShorterSide) size = new(size.Width * ShorterSide / shorter, size.Height * ShorterSide / shorter);
        return BaseTokens + TokensPerTile * size.Squares(512);
    }
}
