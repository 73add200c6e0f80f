using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Ai;

/// <summary>An optimised image to look at.</summary>
/// <param name="Image">The bytes of the optimised image, JPEG or PNG.</param>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Detail">Detail: <c>auto</c>, <c>low</c> or <c>high</c>; engines without levels of detail ignore it.</param>
/// <param name="Language">ISO 639-1 code of the language for the description; null for the engine's choice.</param>
public sealed record VisionRequest(
    ReadOnlyMemory<byte> Image,
    string MediaType,
    int Width,
    int Height,
    string Detail = "auto",
    string? Language = null)
{
    /// <summary>Whether the batch has the patience for <c>service_tier: flex</c>. It does not shape the answer.</summary>
    public bool Patient { get; init; }
}

/// <summary>The content that an engine recognised in an image.</summary>
/// <param name="Description">Description of the image; null where the engine can only read text (OCR).</param>
/// <param name="Text">The visible text, lines separated by "\n"; empty if there is none.</param>
/// <param name="Tags">Up to 12 short lowercase nouns; empty where the engine gives none.</param>
/// <param name="Cut">True if the model's answer ended at its maximum length: what follows of the text, and of all after it, is missing.</param>
public sealed record ImageAnalysis(
    string? Description,
    string Text,
    IReadOnlyList<string> Tags,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Cut = false);
