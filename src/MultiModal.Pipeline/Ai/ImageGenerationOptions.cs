using System.ComponentModel.DataAnnotations;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai;

/// <summary>Configuration section <c>Ai:ImageGeneration</c>: the engine that makes pictures, and what a picture may cost.</summary>
public sealed class ImageGenerationOptions : CapabilityOptions
{
    /// <summary>In the order of what they cost.</summary>
    private static readonly string[] Qualities = ["low", "medium", "high", "xhigh", "max"];

    /// <summary>
    /// What is taken from the budgets for a picture before it is made, in USD. What it then costs is what the answer says. A picture that is expected
    /// to cost more is not made. It must be set where there is a budget; if it is unset, what a picture usually costs is taken.
    /// </summary>
    [Range(
        typeof(decimal), "0.0001", "1000", ErrorMessage = "Ai:ImageGeneration:MaxUsd must be from 0.0001 to 1,000 USD.",
        ParseLimitsInInvariantCulture = true)]
    public decimal? MaxUsd { get; set; }

    /// <summary>Size of a picture in pixels, where a batch asks for none: <c>1024x1024</c>, <c>1536x1024</c>.</summary>
    public string Size { get; set; } = "1024x1024";

    /// <summary>Pixels of the largest picture that a batch may ask for. A larger one is made in <c>Ai:ImageGeneration:Size</c>.</summary>
    [Range(PictureSize.FewestPixels, PictureSize.MostPixels, ErrorMessage = "Ai:ImageGeneration:MaxPixels must be from 655,360 to 8,294,400 pixels.")]
    public int MaxPixels { get; set; } = 1_572_864;

    /// <summary>Quality of a picture where a batch asks for none.</summary>
    [RegularExpression("^(low|medium|high|xhigh|max)$", ErrorMessage = "Ai:ImageGeneration:Quality must be low, medium, high, xhigh or max.")]
    public string Quality { get; set; } = "low";

    /// <summary>The best quality that a batch may ask for.</summary>
    [RegularExpression(
        "^(low|medium|high|xhigh|max)$", ErrorMessage = "Ai:ImageGeneration:QualityCeiling must be low, medium, high, xhigh or max.")]
    public string QualityCeiling { get; set; } = "medium";

    /// <summary>The file format that is asked for.</summary>
    [RegularExpression("^(jpeg|png)$", ErrorMessage = "Ai:ImageGeneration:Format must be jpeg or png.")]
    public string Format { get; set; } = "jpeg";

    /// <summary>How many characters are read of what a batch wishes its picture to be.</summary>
    [Range(0, 1000, ErrorMessage = "Ai:ImageGeneration:PromptCeiling must be from 0 to 1,000 characters.")]
    public int PromptCeiling { get; set; } = 1000;

    /// <summary>The place of a quality in the order of what they cost.</summary>
    internal static int RankOf(string quality) => Array.IndexOf(Qualities, quality);
}
