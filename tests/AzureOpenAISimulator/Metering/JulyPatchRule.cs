namespace AzureOpenAISimulator.Metering;

/// <summary>
/// Until July 2026: 32-pixel patches, the image scaled down until at most <paramref name="MaxPatches"/> cover it, times a multiplier.
/// Published examples: 1024 × 1024 is 1024 patches, 1800 × 2400 is 1452.
/// Rounding up is what usage shows (256 patches × 1.2 were 308, OpenAI community, "GPT-5-mini image input token calculation").
/// </summary>
public sealed record JulyPatchRule(int MaxPatches, decimal Multiplier) : ImageTokenRule
{
    public override int? Tokens(int width, int height, ImageDetail detail)
    {
        double w = width, h = height;
        if (detail == ImageDetail.Low)
        {
            // Low detail is a version of at most 512 × 512 pixels.
            var fit = Math.Min(1, 512 / Math.Max(w, h));
            (w, h) = (w * fit, h * fit);
        }
        if (Patches(w) * Patches(h) > MaxPatches)
        {
            var scale = Math.Sqrt(32.0 * 32.0 * MaxPatches / (w * h));
            double across = w * scale / 32, down = h * scale / 32;
            scale *= Math.Min(Whole(across) / across, Whole(down) / down);
            (w, h) = (w * scale, h * scale);
        }
        var patches = Math.Min(MaxPatches, Patches(w) * Patches(h));
        return (int)Math.Ceiling(patches * Multiplier);
    }

    // A hair of tolerance: a side that is a whole number of patches must not become one more by rounding error.
    private static int Patches(double side) => Math.Max(1, (int)Math.Ceiling(side / 32 - 1e-6));

    private static double Whole(double patches) => Math.Max(1, Math.Floor(patches));
}
