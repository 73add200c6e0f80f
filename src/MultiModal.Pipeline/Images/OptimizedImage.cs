namespace MultiModal.Pipeline.Images;

/// <summary>An image as it is sent to a vision engine.</summary>
/// <param name="Bytes">Encoded.</param>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
/// <param name="Width">Of the optimised image, pixels.</param>
/// <param name="Height">Of the optimised image, pixels.</param>
/// <param name="OriginalWidth">After orientation, pixels.</param>
/// <param name="OriginalHeight">After orientation, pixels.</param>
/// <param name="Note">What the reader of the report should know (first page of 12, first frame), or null.</param>
public sealed record OptimizedImage(
    ReadOnlyMemory<byte> Bytes,
    string MediaType,
    int Width,
    int Height,
    int OriginalWidth,
    int OriginalHeight,
    string? Note = null);
