using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// Finds lines of text in a grey picture, without reading them, and measures the height of their letters. Rows are given from the top to the bottom
/// and only those of one window are kept, so that a picture of any height can be measured.
/// </summary>
/// <remarks>
/// A pixel is ink where it differs from the mean of the window around it by more than the noise there (Niblack, "An Introduction to Digital Image
/// Processing", 1986), in either direction. Ink that hangs together is a letter if its size and shape could be those of one, and letters of like
/// height that stand side by side on one base are a line.
/// </remarks>
internal sealed class TextMeter
{
    /// <summary>Half the edge of the window. A stroke must be narrower than half of it: that of letters of about 100 pixels is.</summary>
    private const int Reach = 16;

    private const int Window = (2 * Reach) + 1;

    /// <summary>Height of letters below which nobody reads them, in pixels.</summary>
    private const int SmallestLetter = 4;

    /// <summary>Pixels in which text is looked for: a larger picture is to be shrunk to them.</summary>
    public const long MostPixels = 50_000_000;

    /// <summary>Rows of an image of libvips that are in memory at once.</summary>
    private const int Strip = 512;

    /// <summary>Least difference of ink from the mean around it, of 255 levels.</summary>
    private const int LeastContrast = 24;

    private readonly int width;
    private readonly int leastHeight;
    private readonly byte[][] rows = new byte[Window][];
    private readonly int[] sums;
    private readonly int[] squares;
    private readonly InkBlobs blobs = new();
    private int given;
    private int judged;

    /// <param name="width">Width of the picture in pixels.</param>
    /// <param name="leastHeight">Height of the smallest letters that are looked for, in pixels.</param>
    public TextMeter(int width, int leastHeight = SmallestLetter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (this.width, this.leastHeight) = (width, leastHeight);
        for (var row = 0; row < Window; row++) rows[row] = new byte[width];
        sums = new int[width];
        squares = new int[width];
    }

    /// <summary>Measures an image, strip by strip: where it comes from a file, it is read only once and never held whole.</summary>
    public static TextMeasure Measure(Image image)
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

        return meter.End();
    }

    /// <summary>Adds the next row of the picture.</summary>
    /// <param name="row">Its pixels.</param>
    /// <param name="bands">Bytes of a pixel: 1 for grey, 3 for red, green and blue; 2 and 4 have an alpha channel, over white.</param>
    public void Add(ReadOnlySpan<byte> row, int bands)
    {
        if (given >= Window) Leave(rows[given % Window]);
        var kept = rows[given % Window];
        ToGrey(row, bands, kept);
        for (var x = 0; x < kept.Length; x++)
        {
            int p = kept[x];
            sums[x] += p;
            squares[x] += p * p;
        }

        given++;
        if (given > Reach) Judge(Math.Min(given, Window));
    }

    /// <summary>Measures what was given.</summary>
    public TextMeasure End()
    {
        var height = Math.Min(given, Window);
        while (judged < given)
        {
            // The window shrinks at the bottom of the picture, as it grew at the top.
            if (judged > Reach && judged + Reach >= given) Leave(rows[(judged - Reach - 1) % Window], ref height);
            Judge(height);
        }

        return TextLines.Measure(blobs.End(), leastHeight);
    }

    private static void ToGrey(ReadOnlySpan<byte> row, int bands, Span<byte> grey)
    {
        if (bands == 1)
        {
            row.CopyTo(grey);
            return;
        }

        var colours = bands >= 3;
        for (var (x, at) = (0, 0); x < grey.Length; x++, at += bands)
        {
            var level = colours ? ((77 * row[at]) + (150 * row[at + 1]) + (29 * row[at + 2])) >> 8 : row[at];
            if (bands is 2 or 4) level = 255 - ((255 - level) * row[at + bands - 1] / 255);
            grey[x] = (byte)level;
        }
    }

    private void Leave(byte[] row, ref int height)
    {
        Leave(row);
        height--;
    }

    private void Leave(byte[] row)
    {
        for (var x = 0; x < row.Length; x++)
        {
            int p = row[x];
            sums[x] -= p;
            squares[x] -= p * p;
        }
    }

    /// <summary>Finds the ink of the next row, whose window has so many rows.</summary>
    private void Judge(int windowHeight)
    {
        var row = rows[judged % Window];
        long sum = 0, square = 0;
        var right = Math.Min(width, Reach);
        for (var x = 0; x < right; x++)
        {
            sum += sums[x];
            square += squares[x];
        }

        int start = 0, ink = 0;
        var columns = right;
        for (var x = 0; x < width; x++)
        {
            if (x + Reach < width)
            {
                sum += sums[x + Reach];
                square += squares[x + Reach];
                columns++;
            }

            if (x > Reach)
            {
                sum -= sums[x - Reach - 1];
                square -= squares[x - Reach - 1];
                columns--;
            }

            long area = columns * windowHeight;
            var difference = (row[x] * area) - sum;
            var now = 0;
            if (Math.Abs(difference) > LeastContrast * area
                && difference * difference > (area * square) - (sum * sum)) now = difference < 0 ? -1 : 1;
            if (now != ink)
            {
                if (ink != 0) blobs.Add(ink, start, x - 1);
                (start, ink) = (x, now);
            }
        }

        if (ink != 0) blobs.Add(ink, start, width - 1);
        blobs.EndRow();
        judged++;
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
