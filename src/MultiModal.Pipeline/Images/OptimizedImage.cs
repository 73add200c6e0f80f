namespace MultiModal.Pipeline.Images;

/// <summary>An image as it is sent to a vision engine.</summary>
/// <param name="Bytes">Encoded image.</param>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
/// <param name="Width">Width of the optimised image, in pixels.</param>
/// <param name="Height">Height of the optimised image, in pixels.</param>
/// <param name="OriginalWidth">Width of the original after orientation, in pixels.</param>
/// <param name="OriginalHeight">Height of the original after orientation, in pixels.</param>
/// <param name="Note">Note for the reader of the report (first page of 12, first frame), or null.</param>
/// <param name="Detail">Detail that the image was made for; null if the engine chose none and was asked for <c>auto</c>.</param>
/// <param name="TextHeight">
/// Height of an x in the smallest text that matters, in pixels of the original; 0 where there is no text that might be too small; null where it was
/// not measured.
/// </param>
/// <param name="Pages">Number of pages of a TIFF; null for other formats.</param>
/// <param name="Incomplete">What is missing at the end of the original, for the reader of the report; null if nothing is.</param>
public sealed record OptimizedImage(
    ReadOnlyMemory<byte> Bytes,
    string MediaType,
    int Width,
    int Height,
    int OriginalWidth,
    int OriginalHeight,
    string? Note = null,
    string? Detail = null,
    double? TextHeight = null,
    int? Pages = null,
    string? Incomplete = null)
{
    /// <summary>An image of nearly the original's size shows nearly what the original shows.</summary>
    private const double Unshrunk = 0.95;

    /// <summary>Whether it is so much smaller than the original that text may have become illegible.</summary>
    public bool IsShrunk => Math.Max(Width, Height) < Unshrunk * Math.Max(OriginalWidth, OriginalHeight);
}
