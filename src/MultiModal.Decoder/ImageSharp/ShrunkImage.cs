namespace MultiModal.Decoder.ImageSharp;

/// <param name="Bytes">Encoded.</param>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
/// <param name="Width">Of the shrunk image, pixels.</param>
/// <param name="Height">Of the shrunk image, pixels.</param>
/// <param name="OriginalWidth">After orientation, pixels.</param>
/// <param name="OriginalHeight">After orientation, pixels.</param>
public sealed record ShrunkImage(byte[] Bytes, string MediaType, int Width, int Height, int OriginalWidth, int OriginalHeight);

/// <param name="Width">That the image is shrunk to, as it is stored, before orientation, pixels.</param>
/// <param name="Height">That the image is shrunk to, as it is stored, before orientation, pixels.</param>
/// <param name="JpegQuality">1 to 100.</param>
/// <param name="FlatShare">From this share of pixels on that are like their left neighbour, an image is encoded as PNG.</param>
internal sealed record ShrinkRequest(int Width, int Height, int JpegQuality, double FlatShare);
