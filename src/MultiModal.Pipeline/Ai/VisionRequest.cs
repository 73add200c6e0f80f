namespace MultiModal.Pipeline.Ai;

/// <summary>An optimised image to look at.</summary>
/// <param name="Image">The bytes of the optimised image, JPEG or PNG.</param>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Detail"><c>auto</c>, <c>low</c> or <c>high</c>; engines without the notion ignore it.</param>
/// <param name="Language">ISO 639-1 code that the description shall be written in, null for the engine's choice.</param>
public sealed record VisionRequest(
    ReadOnlyMemory<byte> Image,
    string MediaType,
    int Width,
    int Height,
    string Detail = "auto",
    string? Language = null);

/// <summary>What an engine saw in an image.</summary>
/// <param name="Description">What the image shows; null where the engine can only read text (OCR).</param>
/// <param name="Text">The visible text, lines separated by "\n"; empty if there is none.</param>
/// <param name="Tags">Up to 12 short lowercase nouns; empty where the engine knows none.</param>
public sealed record ImageAnalysis(string? Description, string Text, IReadOnlyList<string> Tags);
