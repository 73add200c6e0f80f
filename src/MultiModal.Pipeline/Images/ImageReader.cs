namespace MultiModal.Pipeline.Images;

/// <summary>How an engine sees and counts the images that it is sent.</summary>
/// <param name="Rule">The published rule; null where there is none, or the engine counts no tokens.</param>
/// <param name="MostEdge">Long edge beyond which an image is taken to be scaled down where there is no rule, in pixels.</param>
/// <param name="RequestTokens">Tokens of the text that is sent with each image.</param>
public sealed record ImageReader(ImageRule? Rule, int MostEdge, int RequestTokens = 0)
{
    /// <summary>What the models of every published rule see, for one that publishes none.</summary>
    private const int UnknownEdge = 2048;

    /// <summary>Longest side of a JPEG.</summary>
    private const int JpegEdge = 65_535;

    /// <summary>Height of an x that tesseract reads as in the original, in pixels. It needs more than models do, and costs nothing.</summary>
    private const double HeightHere = 8;

    /// <summary>A model behind an API.</summary>
    public static ImageReader OfModel(ImageRule? rule, int requestTokens = 0) => new(rule, UnknownEdge, requestTokens);

    /// <summary>A program of this machine, which sees what it is given.</summary>
    public static ImageReader Here { get; } = new(null, JpegEdge) { LeastHeight = HeightHere };

    /// <summary>Least height of an x that is read as well as in the original, in pixels of the image that is seen.</summary>
    public double LeastHeight { get; init; } = LegiblePlan.LeastHeight;

    /// <summary>Whether it has a low detail that costs less than high detail.</summary>
    public bool KnowsLow => Rule?.Tiles is not null;

    /// <summary>Tokens of an image; 0 where they are not known.</summary>
    public int Count((int Width, int Height) size, string detail) => Rule?.Count(detail, size.Width, size.Height) ?? 0;

    /// <summary>The size in which an image is seen.</summary>
    public (int Width, int Height) Seen((int Width, int Height) size, string detail) =>
        Rule?.Seen(detail, size.Width, size.Height) ?? ImageRule.Fit(size.Width, size.Height, MostEdge);
}
