namespace MultiModal.Pipeline.Images;

/// <summary>
/// A picture in few squares of grey, which is kept with its record: pictures whose sketches differ cannot be the same one
/// (<see cref="PictureLikeness"/>), so that their pixels need not be compared.
/// </summary>
internal static class PictureSketch
{
    /// <summary>Number of squares across, and down.</summary>
    public const int Edge = 16;

    /// <summary>
    /// Difference of a square between encodings of a picture, in levels of 255. Up to 6 were measured where letters were black on white: what JPEG adds
    /// to white is cut off, and what it takes away is not.
    /// </summary>
    public const int Tolerance = 8;

    /// <summary>Mean levels of the squares, row by row.</summary>
    /// <param name="pixels">Pixels of red, green and blue, row by row.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    public static byte[] Of(ReadOnlySpan<byte> pixels, int width, int height)
    {
        var (across, down) = (Shares(width), Shares(height));
        var sums = new double[Edge * Edge];
        var row = new double[Edge];
        for (var y = 0; y < height; y++)
        {
            Array.Clear(row);
            var line = pixels.Slice(y * width * PictureLikeness.Bands, width * PictureLikeness.Bands);
            for (var x = 0; x < width; x++)
            {
                var level = line[x * PictureLikeness.Bands] + line[(x * PictureLikeness.Bands) + 1] + line[(x * PictureLikeness.Bands) + 2];
                foreach (var (square, share) in across[x]) row[square] += level * share;
            }

            foreach (var (square, share) in down[y])
            {
                for (var x = 0; x < Edge; x++) sums[(square * Edge) + x] += row[x] * share;
            }
        }

        return [.. sums.Select(sum => (byte)Math.Round(Math.Clamp(sum / PictureLikeness.Bands, 0, byte.MaxValue)))];
    }

    /// <summary>Whether pictures with these sketches can be the same one.</summary>
    public static bool MayBeSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length != other.Length) return false;
        for (var at = 0; at < one.Length; at++)
        {
            if (Math.Abs(one[at] - other[at]) > Tolerance) return false;
        }

        return true;
    }

    /// <summary>For each pixel of a side, the squares that it lies in, with its share of each square's side.</summary>
    private static (int Square, double Share)[][] Shares(int length)
    {
        var side = (double)length / Edge;
        return [.. Enumerable.Range(0, length).Select(at =>
        {
            var shares = new List<(int, double)>();
            for (var square = (int)(at / side); square < Edge && square * side < at + 1; square++)
            {
                var share = (Math.Min(at + 1, (square + 1) * side) - Math.Max(at, square * side)) / side;
                if (share > 0) shares.Add((square, share));
            }

            return shares.ToArray();
        })];
    }
}
