using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// Finds lines of text in a grey picture, without reading them, and measures the height of their letters. Rows are given from the top to the bottom
/// and only those of one window are kept, so that a picture of any height can be measured.
/// </summary>
/// <remarks>
/// Ink that hangs together is a letter if its size and shape could be those of one, and letters of like height that stand side by side on one base are
/// a line.
/// </remarks>
internal sealed class TextMeter
{
    /// <summary>Height of letters below which nobody reads them, in pixels.</summary>
    private const int SmallestLetter = 4;

    /// <summary>Pixels in which text is looked for: a larger picture is to be shrunk to them.</summary>
    public const long MostPixels = 50_000_000;

    /// <summary>Rows of an image of libvips that are in memory at once.</summary>
    private const int Strip = 512;

    private readonly int leastHeight;
    private readonly InkFinder ink;
    private readonly InkBlobs blobs = new();

    /// <param name="width">Width of the picture in pixels.</param>
    /// <param name="leastHeight">Height of the smallest letters that are looked for, in pixels.</param>
    public TextMeter(int width, int leastHeight = SmallestLetter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        this.leastHeight = leastHeight;
        ink = new InkFinder(width);
    }

    /// <summary>Measures an image, strip by strip: where it comes from a file, it is read only once and never held whole.</summary>
    public static TextMeasure Measure(Image image) => Read(image).End();

    /// <summary>Finds where there is text in an image, which is read as by <see cref="Measure"/>.</summary>
    /// <param name="image">The image, which may have been shrunk.</param>
    /// <param name="original">Size of the original in pixels.</param>
    public static TextLayout FindLayout(Image image, (int Width, int Height) original) =>
        Read(image).EndLayout(original, (double)original.Width / image.Width);

    private static TextMeter Read(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var bytes = image.Format == Enums.BandFormat.Uchar ? image.Copy() : image.Cast(Enums.BandFormat.Uchar);
        var meter = new TextMeter(bytes.Width);
        var length = bytes.Width * bytes.Bands;
        for (var top = 0; top < bytes.Height; top += Strip)
        {
            using var strip = bytes.ExtractArea(0, top, bytes.Width, Math.Min(Strip, bytes.Height - top));
            var pixels = strip.WriteToMemory<byte>();
            for (var at = 0; at < pixels.Length; at += length) meter.Add(pixels.AsSpan(at, length), bytes.Bands);
        }

        return meter;
    }

    /// <summary>Adds the next row of the picture.</summary>
    /// <param name="row">Its pixels.</param>
    /// <param name="bands">Bytes of a pixel: 1 for grey, 3 for red, green and blue; 2 and 4 have an alpha channel, over white.</param>
    public void Add(ReadOnlySpan<byte> row, int bands)
    {
        GreyLevels.Read(row, bands, ink.Entering);
        ink.Enter();
        if (ink.HasNext) AddRuns(ink.Next());
    }

    /// <summary>Measures what was given.</summary>
    public TextMeasure End() => TextLines.Measure(EndBlobs(), leastHeight);

    private TextLayout EndLayout((int Width, int Height) original, double scale)
    {
        var found = EndBlobs();
        return new TextLayout(
            original.Width, original.Height, [.. TextLines.Letters(found, leastHeight).Select(Scaled)], [.. TextLines.Find(found, leastHeight).Select(Scaled)]);

        TextBox Scaled(TextBox box) => new(
            (int)(box.Left * scale), (int)(box.Top * scale), (int)Math.Ceiling(box.Right * scale), (int)Math.Ceiling(box.Bottom * scale));
    }

    private IReadOnlyList<InkBlob> EndBlobs()
    {
        while (ink.HasLast) AddRuns(ink.Next());
        return blobs.End();
    }

    private void AddRuns(ReadOnlySpan<int> found)
    {
        for (var x = 0; x < found.Length;)
        {
            var length = found[x..].IndexOfAnyExcept(found[x]);
            if (length < 0) length = found.Length - x;
            if (found[x] != 0) blobs.Add(found[x], x, x + length - 1);
            x += length;
        }

        blobs.EndRow();
    }
}

/// <summary>What a meter found.</summary>
/// <param name="Letters">How many letters stand in lines.</param>
/// <param name="Height">
/// Height of the smallest letters that matter, without those that reach above or below (the height of an x), in pixels; 0 where there are none.
/// </param>
public readonly record struct TextMeasure(int Letters, double Height)
{
    public static TextMeasure None => default;
}
