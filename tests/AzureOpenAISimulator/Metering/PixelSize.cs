namespace AzureOpenAISimulator.Metering;

/// <summary>Width and height of an image in whole pixels. All arithmetic is on integers: no side is off by a floating-point error.</summary>
public readonly record struct PixelSize(int Width, int Height)
{
    /// <summary>
    /// Scaled down until neither side is longer than <paramref name="edge"/>, its aspect kept and sides rounded to the nearest pixel; never enlarged.
    /// </summary>
    public PixelSize FitInto(int edge)
    {
        var longest = Math.Max(Width, Height);
        if (longest <= edge) return this;
        return new(Side(Width), Side(Height));

        int Side(int side) => (int)Math.Max(1, (2L * side * edge + longest) / (2L * longest));
    }

    /// <summary>Squares of <paramref name="edge"/> pixels that cover it, begun ones included.</summary>
    public int Squares(int edge) => (Width + edge - 1) / edge * ((Height + edge - 1) / edge);
}
