namespace MultiModal.Decoder.ImageSharp;

/// <param name="Bytes">The encoded image.</param>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
/// <param name="Width">Width of the shrunk image, in pixels.</param>
/// <param name="Height">Height of the shrunk image, in pixels.</param>
/// <param name="OriginalWidth">Width of the original after orientation is applied, in pixels.</param>
/// <param name="OriginalHeight">Height of the original after orientation is applied, in pixels.</param>
public sealed record ShrunkImage(byte[] Bytes, string MediaType, int Width, int Height, int OriginalWidth, int OriginalHeight);

/// <param name="Width">Width that the image is shrunk to, before orientation is applied, in pixels.</param>
/// <param name="Height">Height that the image is shrunk to, before orientation is applied, in pixels.</param>
/// <param name="JpegQuality">JPEG quality, from 1 to 100.</param>
/// <param name="FlatShare">Minimum share of pixels equal to their left neighbour from which an image is encoded as PNG.</param>
internal sealed record ShrinkRequest(int Width, int Height, int JpegQuality, double FlatShare);
