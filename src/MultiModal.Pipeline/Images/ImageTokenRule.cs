namespace MultiModal.Pipeline.Images;

/// <summary>
/// How images are sized for a model: by the rule of July 2026 for what they cost. It is a part of the keys of cached images, so that a model keeps
/// the one that it had. What an image costs today is <see cref="ImageRule"/>.
/// </summary>
public enum ImageTokenRule
{
    /// <summary>The model takes no images.</summary>
    None,

    /// <summary>Images are limited to the edge that is configured, and nothing else.</summary>
    Unknown,

    /// <summary>85 tokens for low; otherwise 85, and 170 for each 512-px tile after scaling (gpt-4o, gpt-4.1, gpt-4-turbo).</summary>
    Tile85,

    /// <summary>The rule of <see cref="Tile85"/> with 2833 and 5667 tokens (gpt-4o-mini).</summary>
    Tile2833,

    /// <summary>The rule of <see cref="Tile85"/> with 75 and 150 tokens (o1, o3).</summary>
    Tile75,

    /// <summary>The rule of <see cref="Tile85"/> with 70 and 140 tokens (gpt-5).</summary>
    Tile70,

    /// <summary>The number of 32-px patches, 1,536 at most, times 1.62 (gpt-4.1-mini, gpt-5-mini).</summary>
    Patch162,

    /// <summary>The number of 32-px patches, 1,536 at most, times 1.72 (o4-mini).</summary>
    Patch172,

    /// <summary>The number of 32-px patches, 1,536 at most, times 2.46 (gpt-4.1-nano, gpt-5-nano).</summary>
    Patch246,
}
