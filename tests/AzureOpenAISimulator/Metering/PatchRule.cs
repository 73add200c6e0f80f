namespace AzureOpenAISimulator.Metering;

/// <summary>
/// The newer models: patches of 32 × 32 pixels times a multiplier, rounded up.
/// Published examples: at <c>detail: high</c> of gpt-5.4, 1024 × 1024 is 1,229 tokens and 2048 × 2048 is 3,000.
/// </summary>
/// <param name="Multiplier">Tokens of a patch.</param>
/// <param name="Low">Of <c>detail: low</c>.</param>
/// <param name="High">Of <c>detail: high</c>.</param>
/// <param name="Original">Of <c>detail: original</c>; null where the model does not know it.</param>
/// <param name="Auto">What <c>auto</c>, or no detail at all, stands for.</param>
public sealed record PatchRule(decimal Multiplier, PatchFit Low, PatchFit High, PatchFit? Original, ImageDetail Auto) : ImageTokenRule
{
    private const int MaxPatches = 30_000;

    /// <exception cref="ArgumentException">The model does not know the detail.</exception>
    public override int? Tokens(int width, int height, ImageDetail detail)
    {
        var fit = (detail == ImageDetail.Auto ? Auto : detail) switch
        {
            ImageDetail.Low => Low,
            ImageDetail.High => High,
            _ => Original ?? throw new ArgumentException("The model does not know this detail.", nameof(detail)),
        };
        var patches = fit.Patches(new(width, height));
        return patches > MaxPatches ? null : (int)Math.Ceiling(patches * Multiplier);
    }
}
