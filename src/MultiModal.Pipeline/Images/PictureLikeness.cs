namespace MultiModal.Pipeline.Images;

/// <summary>
/// Whether two pictures are the same one, encoded or resized differently. Encoding leaves noise that has no bias: over a few pixels it cancels out,
/// and a stroke of a letter that is in one picture alone does not.
/// </summary>
internal static class PictureLikeness
{
    /// <summary>Bytes of a pixel: red, green and blue.</summary>
    public const int Bands = 3;

    /// <summary>Edge of the squares over which differences are averaged, in pixels. A stroke of a small digit fills much of one.</summary>
    private const int Square = 4;

    /// <summary>Edge of the cells in which contrast is looked for, in pixels: that of the blocks of JPEG, beyond which it spreads no noise.</summary>
    private const int Cell = 8;

    /// <summary>Difference of a square, in levels of 255, that encoding makes where a picture is flat.</summary>
    private const double Flat = 5;

    /// <summary>How much larger the difference may be where there is contrast, as a share of it.</summary>
    private const double OfContrast = 0.06;

    /// <summary>Difference of the whole, in levels of 255, that encoding makes. More is another exposure or another colour.</summary>
    private const double OfWhole = 2;

    /// <summary>Largest distance of pictures that are the same one and had the same size.</summary>
    private const double Encoded = 1;

    /// <summary>The same where there is small text: at letters of 8 pixels, digits that differ were measured from 0.64 on.</summary>
    private const double EncodedSmall = 0.5;

    /// <summary>Height of an x below which text is small, in pixels.</summary>
    public const double SmallText = 6;

    /// <summary>Largest distance where one was shrunk to the size of the other, which makes the difference of a small digit smaller too.</summary>
    private const double Resized = 0.55;

    /// <summary>Size of the smaller picture, as a share of the larger one's, below which small digits may look alike.</summary>
    private const double LeastScale = 0.7;

    /// <summary>The largest <see cref="Distance"/> at which two pictures are the same one; null where their sizes alone rule it out.</summary>
    /// <param name="one">Width and height of a picture, in pixels.</param>
    /// <param name="other">Width and height of the other picture, in pixels.</param>
    /// <param name="hasSmallText">Whether the larger one has small text, which shrinking makes alike.</param>
    public static double? Limit((int Width, int Height) one, (int Width, int Height) other, bool hasSmallText)
    {
        if (one == other) return hasSmallText ? EncodedSmall : Encoded;
        if (hasSmallText) return null;
        var (small, large) = one.Width <= other.Width ? (one, other) : (other, one);
        var scale = (double)small.Width / large.Width;
        // A side may have been rounded by a pixel, and a picture that was cut has another shape.
        return scale >= LeastScale && Math.Abs(small.Height - (scale * large.Height)) <= 1 ? Resized : null;
    }

    /// <summary>
    /// How far two pictures differ where they differ the most: 0 for equal ones, and more than 1 where encoding cannot have made the difference.
    /// </summary>
    /// <param name="one">Pixels of a picture, row by row.</param>
    /// <param name="other">Pixels of the other picture, in the same size.</param>
    /// <param name="width">Width of both, in pixels.</param>
    /// <param name="height">Height of both, in pixels.</param>
    /// <param name="enough">Distance beyond which nobody asks how far they differ: it ends the search.</param>
    public static double Distance(
        ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, int width, int height, double enough = double.PositiveInfinity)
    {
        var stride = width * Bands;
        var (across, down) = ((width + Cell - 1) / Cell, (height + Cell - 1) / Cell);
        var contrast = Contrast(one, other, width, height, across, down);
        var square = (Width: Math.Min(Square, width), Height: Math.Min(Square, height));
        var columns = new int[stride];
        var whole = new long[Bands];
        for (var at = 0; at < stride * height; at++) whole[at % Bands] += one[at] - other[at];
        var most = whole.Max(sum => Math.Abs((double)sum)) / ((double)width * height) / OfWhole;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < stride; x++)
            {
                columns[x] += one[(y * stride) + x] - other[(y * stride) + x];
                if (y >= square.Height) columns[x] -= one[((y - square.Height) * stride) + x] - other[((y - square.Height) * stride) + x];
            }

            if (y < square.Height - 1) continue;
            if (most > enough) return most;
            for (var band = 0; band < Bands; band++)
            {
                var sum = 0;
                for (var x = 0; x < width; x++)
                {
                    sum += columns[(x * Bands) + band];
                    if (x >= square.Width) sum -= columns[((x - square.Width) * Bands) + band];
                    if (x < square.Width - 1) continue;
                    var allowed = Flat + (OfContrast * contrast[(y / Cell * across) + (x / Cell)]);
                    most = Math.Max(most, Math.Abs(sum) / (double)(square.Width * square.Height) / allowed);
                }
            }
        }

        return most;
    }

    /// <summary>For each cell, the smaller of the two pictures' contrasts there and in the cells around it.</summary>
    private static int[] Contrast(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, int width, int height, int across, int down)
    {
        var (first, second) = (Ranges(one, width, height, across, down), Ranges(other, width, height, across, down));
        var contrast = new int[across * down];
        for (var at = 0; at < contrast.Length; at++) contrast[at] = Math.Min(first[at], second[at]);
        return contrast;
    }

    private static int[] Ranges(ReadOnlySpan<byte> pixels, int width, int height, int across, int down)
    {
        var (lows, highs) = (new byte[across * down], new byte[across * down]);
        Array.Fill(lows, byte.MaxValue);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                // Green has most of the brightness.
                var (level, at) = (pixels[(((y * width) + x) * Bands) + 1], (y / Cell * across) + (x / Cell));
                lows[at] = Math.Min(lows[at], level);
                highs[at] = Math.Max(highs[at], level);
            }
        }

        var ranges = new int[across * down];
        for (var y = 0; y < down; y++)
        {
            for (var x = 0; x < across; x++)
            {
                byte low = byte.MaxValue, high = 0;
                for (var v = Math.Max(0, y - 1); v <= Math.Min(down - 1, y + 1); v++)
                {
                    for (var u = Math.Max(0, x - 1); u <= Math.Min(across - 1, x + 1); u++)
                    {
                        low = Math.Min(low, lows[(v * across) + u]);
                        high = Math.Max(high, highs[(v * across) + u]);
                    }
                }

                ranges[(y * across) + x] = high - low;
            }
        }

        return ranges;
    }
}
