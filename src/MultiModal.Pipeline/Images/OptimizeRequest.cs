namespace MultiModal.Pipeline.Images;

/// <param name="MaxEdge">Pixels of the long edge; where <paramref name="TokenRule"/> is known, of the size that sets the price.</param>
/// <param name="MaxPixels">Width times height of the original at most, checked from the header.</param>
/// <param name="JpegQuality">1 to 100.</param>
/// <param name="TokenRule">How the engine that looks at it counts images; null where it counts none.</param>
/// <param name="Detail"><c>auto</c>, <c>low</c> or <c>high</c>, as for <see cref="VisionTokens.Count"/>.</param>
/// <param name="AllowPartial">What can be decoded of a damaged image is better than nothing; a note says so. Engines that can't tell fail as ever.</param>
/// <param name="MaxFrames">Frames or pages of the original at most, checked before decoding.</param>
public sealed record OptimizeRequest(int MaxEdge, long MaxPixels, int JpegQuality, ImageTokenRule? TokenRule = null, string Detail = ImageDetail.Auto, bool AllowPartial = false, int MaxFrames = int.MaxValue)
{
    /// <summary>The size that an original of this size is shrunk to, pixels.</summary>
    public (int Width, int Height) TargetOf(int width, int height) =>
        VisionTokens.TargetSize(TokenRule ?? ImageTokenRule.Unknown, Detail, width, height, MaxEdge);
}
