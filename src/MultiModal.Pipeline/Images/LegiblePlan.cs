using System.Globalization;

namespace MultiModal.Pipeline.Images;

/// <summary>How an image is sent so that its text can be read.</summary>
/// <param name="Edge">Long edge in pixels.</param>
/// <param name="Detail">Detail to send it with.</param>
/// <param name="Shortfall">Why the text cannot be read all the same, for the reader of the report; null where it can.</param>
public sealed record LegiblePlan(int Edge, string Detail, string? Shortfall = null)
{
    /// <summary>
    /// Least height of an x that is read as well as in the original, in pixels of the image that the model sees. Measured by the benchmark
    /// <c>legible</c>: docs/media.md.
    /// </summary>
    public const double LeastHeight = 4.3;

    /// <summary>Height of an x that some readers make out, in pixels: what is smaller is not worth more tokens.</summary>
    private const double NearlyLegible = 3.8;

    /// <summary>
    /// Chooses the cheapest size and detail in which the text is legible, and of those that cost the same the largest; as it is sent today if it is
    /// legible then.
    /// </summary>
    /// <param name="original">Size of the original in pixels.</param>
    /// <param name="textHeight">Height of an x in its smallest text, in pixels of the original; 0 for no text.</param>
    /// <param name="usual">How the image is sent by the configured size and detail.</param>
    /// <param name="model">How the model sees and counts images.</param>
    /// <param name="maxTokens">Most tokens of the image.</param>
    public static LegiblePlan Choose(
        (int Width, int Height) original, double textHeight, LegiblePlan usual, ImageReader model, int maxTokens)
    {
        ArgumentNullException.ThrowIfNull(usual);
        ArgumentNullException.ThrowIfNull(model);
        var needed = Math.Min(1, model.LeastHeight / textHeight);
        if (textHeight <= 0 || usual.Scale(original, model) >= needed) return usual;

        var detail = usual.Detail == ImageDetail.Low ? ImageDetail.High : usual.Detail;
        var longEdge = Math.Max(original.Width, original.Height);
        var most = Largest(original, detail, longEdge, model, int.MaxValue);
        var edge = (int)Math.Ceiling(longEdge * needed);
        if (edge > most) return Short("the model sees images no larger");
        var tokens = new LegiblePlan(edge, detail).Count(original, model);
        return tokens > maxTokens
            ? Short(string.Create(CultureInfo.InvariantCulture, $"Images:MaxTokens allows {maxTokens:N0}"))
            : new LegiblePlan(model.Rule is null ? edge : Largest(original, detail, most, model, tokens), detail);

        LegiblePlan Short(string reason)
        {
            var affordable = new LegiblePlan(Largest(original, detail, most, model, maxTokens), detail);
            var isWorthIt = affordable.Scale(original, model) > usual.Scale(original, model)
                && affordable.Scale(original, model) * textHeight >= NearlyLegible;
            var best = isWorthIt ? affordable : usual;
            return best with { Shortfall = Illegible(best.Scale(original, model) * textHeight, reason) };
        }
    }

    /// <summary>The shortfall where the text can be read in tiles, which cost more than is allowed.</summary>
    internal static string TooDearInTiles(int maxTokens, int tokens) => string.Create(
        CultureInfo.InvariantCulture,
        $"The smallest text is too small to be read: legible tiles of the image cost {tokens:N0} tokens, and Images:MaxTokens allows {maxTokens:N0}.");

    private static string Illegible(double height, string reason) => string.Create(
        CultureInfo.InvariantCulture,
        $"The smallest text is too small to be read: its letters have {height:F1} of the {LeastHeight} pixels that they need, because {reason}.");

    /// <summary>The longest edge that the model sees undiminished for so many tokens at most.</summary>
    private static int Largest((int Width, int Height) original, string detail, int longest, ImageReader model, int tokens)
    {
        var (least, most) = (1, longest);
        while (least < most)
        {
            var edge = (least + most + 1) / 2;
            var plan = new LegiblePlan(edge, detail);
            if (plan.IsSeenWhole(original, model) && plan.Count(original, model) <= tokens) least = edge;
            else most = edge - 1;
        }

        return least;
    }

    private (int Width, int Height) Size((int Width, int Height) original) => VisionTokens.AtEdge(original.Width, original.Height, Edge);

    private int Count((int Width, int Height) original, ImageReader model) => model.Count(Size(original), Detail);

    private bool IsSeenWhole((int Width, int Height) original, ImageReader model) => model.Seen(Size(original), Detail) == Size(original);

    /// <summary>Tokens of the request with the image; where the model's rule is not published, 0.</summary>
    internal int Cost((int Width, int Height) original, ImageReader model) => model.Rule is null ? 0 : Count(original, model) + model.RequestTokens;

    /// <summary>The image as it is seen, in proportion to the original.</summary>
    private double Scale((int Width, int Height) original, ImageReader model)
    {
        var (width, height) = model.Seen(Size(original), Detail);
        return Math.Max(width, height) / (double)Math.Max(original.Width, original.Height);
    }
}
