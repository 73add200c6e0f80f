namespace MultiModal.Pipeline.Images;

/// <param name="MaxEdge">Long edge in pixels; where <paramref name="TokenRule"/> is known, the long edge of the size that sets the price.</param>
/// <param name="MaxPixels">Largest width times height of the original, checked from the header.</param>
/// <param name="JpegQuality">Quality of a JPEG, from 1 to 100.</param>
/// <param name="TokenRule">Rule by which the vision engine counts images; null where it counts none.</param>
/// <param name="Detail">Detail: <c>auto</c>, <c>low</c> or <c>high</c>, as for <see cref="VisionTokens.Count"/>.</param>
/// <param name="AllowPartial">True if the readable part of a damaged image is used, with a note. Engines that cannot do this fail as usual.</param>
/// <param name="MaxFrames">Largest number of frames or pages of the original, checked before decoding.</param>
/// <param name="Edge">Long edge in pixels that the image is to have, whatever rule and <paramref name="MaxEdge"/> say; null for what they say.</param>
/// <param name="MeasuresText">Whether the height of the letters in the original is wanted, where it is shrunk.</param>
/// <param name="Page">Page of a TIFF, from 0.</param>
public sealed record OptimizeRequest(
    int MaxEdge, long MaxPixels, int JpegQuality, ImageTokenRule? TokenRule = null, string Detail = ImageDetail.Auto, bool AllowPartial = false,
    int MaxFrames = int.MaxValue, int? Edge = null, bool MeasuresText = false, int Page = 0)
{
    /// <summary>The size in pixels that an original of this size is shrunk to.</summary>
    public (int Width, int Height) TargetOf(int width, int height) => Edge is { } edge
        ? VisionTokens.AtEdge(width, height, Math.Min(edge, Math.Max(width, height)))
        : VisionTokens.TargetSize(TokenRule ?? ImageTokenRule.Unknown, Detail, width, height, MaxEdge);
}
