using System.Globalization;
using System.Text.RegularExpressions;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Pictures;

/// <summary>The size of a picture to be made, in pixels.</summary>
public readonly partial record struct PictureSize(int Width, int Height)
{
    private const int Step = 16;
    private const int LongestEdge = 3840;
    private const int FewestPixels = 655_360;
    private const int MostPixels = 8_294_400;

    public long Pixels => (long)Width * Height;

    /// <summary><c>auto</c>, which the service chooses by the prompt; here always a square.</summary>
    private static PictureSize Auto => new(1024, 1024);

    /// <exception cref="WireException">The service makes no such picture.</exception>
    public static PictureSize Parse(string? size)
    {
        if (size is null or "auto") return Auto;
        var match = Shape().Match(size);
        if (!match.Success) throw Refused(size, "It must be 'auto' or WIDTHxHEIGHT");
        var wanted = new PictureSize(Number(match.Groups[1].Value), Number(match.Groups[2].Value));
        if (wanted.Width % Step != 0 || wanted.Height % Step != 0) throw Refused(size, $"Width and height must be multiples of {Step}");
        var (longer, shorter) = (Math.Max(wanted.Width, wanted.Height), Math.Min(wanted.Width, wanted.Height));
        if (longer > LongestEdge) throw Refused(size, $"The longest edge must be at most {LongestEdge} pixels");
        if (shorter == 0 || longer > 3 * shorter) throw Refused(size, "The ratio must be between 1:3 and 3:1");
        if (wanted.Pixels is < FewestPixels or > MostPixels) throw Refused(size, $"A picture must have from {FewestPixels} to {MostPixels} pixels");
        return wanted;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    /// <summary>The rules are published, the words are ours.</summary>
    private static WireException Refused(string size, string why) => Refusals.Invalid($"Invalid size '{size}'. {why}.", "size", "invalid_value");

    [GeneratedRegex("^([0-9]{1,5})x([0-9]{1,5})$")]
    private static partial Regex Shape();
}
