namespace AzureOpenAISimulator.Metering;

/// <summary>What a model makes of an image before it counts patches of 32 × 32 pixels.</summary>
/// <param name="Edge">The longest side that it looks at, in pixels; a larger image is scaled down to it first.</param>
/// <param name="Budget">The most patches; an image that needs more is shrunk until it does not. Null where there is no such limit.</param>
public sealed record PatchFit(int Edge, int? Budget = null)
{
    private const int PatchEdge = 32;

    public int Patches(PixelSize image)
    {
        var fitted = image.FitInto(Edge);
        return (Budget is { } budget && fitted.Squares(PatchEdge) > budget ? Shrunk(fitted, budget) : fitted).Squares(PatchEdge);
    }

    /// <summary>
    /// Published as: shrink = √(32² × budget ÷ (w × h)), then × min(⌊w·s÷32⌋ ÷ (w·s÷32), ⌊h·s÷32⌋ ÷ (h·s÷32)), then both sides rounded down.
    /// As w·s÷32 is √(budget × w ÷ h), its whole part is an integer root; the side that loses more becomes exactly that many patches and the
    /// other follows by the aspect.
    /// </summary>
    private static PixelSize Shrunk(PixelSize image, int budget)
    {
        long across = Math.Max(1, Root((long)budget * image.Width / image.Height));
        long down = Math.Max(1, Root((long)budget * image.Height / image.Width));
        return across * image.Height <= down * image.Width
            ? new((int)(PatchEdge * across), (int)Math.Max(1, PatchEdge * across * image.Height / image.Width))
            : new((int)Math.Max(1, PatchEdge * down * image.Width / image.Height), (int)(PatchEdge * down));
    }

    private static long Root(long square)
    {
        var root = (long)Math.Sqrt(square);
        while (root * root > square) root--;
        while ((root + 1) * (root + 1) <= square) root++;
        return root;
    }
}
