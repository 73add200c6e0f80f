using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Images;

/// <summary>What <c>optimize-image</c> leaves in its record: the image itself lies in the cache.</summary>
/// <param name="CacheName">Blob in the cache container.</param>
/// <param name="Hash">Of the optimised bytes: the key that <c>analyze-image</c> is cached by.</param>
/// <param name="MediaType">Of the optimised bytes.</param>
/// <param name="Bytes">Size of the optimised image.</param>
/// <param name="SentWidth">Pixels.</param>
/// <param name="SentHeight">Pixels.</param>
/// <param name="Width">Of the original as seen (orientation applied), pixels.</param>
/// <param name="Height">Of the original as seen, pixels.</param>
/// <param name="Note">What the reader should know (first page of 12), or null.</param>
/// <param name="Detail"><c>auto</c>, <c>low</c> or <c>high</c>: what it is to be sent with.</param>
public sealed record OptimizedImageRecord(
    string CacheName,
    ContentHash Hash,
    string MediaType,
    long Bytes,
    int SentWidth,
    int SentHeight,
    int Width,
    int Height,
    string? Note,
    string Detail = ImageDetail.Auto);
