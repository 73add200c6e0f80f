namespace MultiModal.Pipeline.Images;

/// <param name="MaxEdge">Pixels of the long edge at most.</param>
/// <param name="MaxPixels">Width times height of the original at most, checked from the header.</param>
/// <param name="JpegQuality">1 to 100.</param>
public sealed record OptimizeRequest(int MaxEdge, long MaxPixels, int JpegQuality);
