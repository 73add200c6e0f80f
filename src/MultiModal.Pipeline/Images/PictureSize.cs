using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// The size of a picture that is to be made: both edges are multiples of 16, the longer one is at most 3,840 pixels and at most three times the
/// shorter one, and there are from 655,360 to 8,294,400 pixels. Source: openai/openai-openapi, <c>size</c> of image generation, 2026-08-21.
/// </summary>
public readonly partial record struct PictureSize
{
    public const int FewestPixels = 655_360;
    public const int MostPixels = 8_294_400;

    /// <summary>What a size must be, as a clause for people.</summary>
    public const string Rule =
        "both edges are multiples of 16, the longer one has at most 3,840 pixels and is at most three times the other, and there are from 655,360 to "
            + "8,294,400 pixels";

    private const int Step = 16;
    private const int LongestEdge = 3840;

    private PictureSize(int width, int height) => (Width, Height) = (width, height);

    public int Width { get; }

    public int Height { get; }

    public int Pixels => Width * Height;

    /// <param name="text">The size as requests name it: <c>1536x1024</c>.</param>
    /// <param name="size">The size, where the text is one.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out PictureSize size)
    {
        size = default;
        if (text is null || Shape().Match(text) is not { Success: true } match) return false;
        var (width, height) = (Number(match.Groups["width"].Value), Number(match.Groups["height"].Value));
        var (longer, shorter) = (Math.Max(width, height), Math.Min(width, height));
        if (width % Step != 0 || height % Step != 0 || longer > LongestEdge || longer > 3 * shorter) return false;
        size = new PictureSize(width, height);
        return size.Pixels is >= FewestPixels and <= MostPixels;
    }

    /// <exception cref="FormatException">The text is no such size.</exception>
    public static PictureSize Parse(string text) => TryParse(text, out var size) ? size : throw new FormatException("The text is no size of a picture.");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex("^(?<width>[1-9][0-9]{1,3})x(?<height>[1-9][0-9]{1,3})\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
