using System.Text.Json.Serialization;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Images;

/// <summary>The record of <c>optimize-image</c>; the image itself is in the cache.</summary>
/// <param name="CacheName">Name of the blob in the cache container.</param>
/// <param name="Hash">Hash of the optimised bytes, which is the key by which <c>analyze-image</c> is cached.</param>
/// <param name="MediaType">Media type of the optimised bytes.</param>
/// <param name="Bytes">Size of the optimised image, in bytes.</param>
/// <param name="SentWidth">Width of the optimised image, in pixels.</param>
/// <param name="SentHeight">Height of the optimised image, in pixels.</param>
/// <param name="Width">Width of the original as seen (orientation applied), in pixels.</param>
/// <param name="Height">Height of the original as seen, in pixels.</param>
/// <param name="Note">Note for the reader (first page of 12), or null.</param>
/// <param name="Detail">Detail to send it with: <c>auto</c>, <c>low</c> or <c>high</c>.</param>
/// <param name="TextHeight">
/// Height of an x in the smallest text that matters, in pixels of the original; 0 where there is no text that might be too small; null where it was
/// not measured.
/// </param>
/// <param name="Shortfall">Why text that is in the image cannot be read, for the reader of the report; null where it can.</param>
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
    string Detail = ImageDetail.Auto,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? TextHeight = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Shortfall = null);
