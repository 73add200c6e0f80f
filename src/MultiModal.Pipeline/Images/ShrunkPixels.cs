using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// The pixels of a shrunk image, of 8 bits a band, in memory: what has to be known before it is encoded is found out here, and only if it matters.
/// </summary>
internal sealed class ShrunkPixels
{
    /// <summary>Edge of the squares in which detail is looked for, in pixels.</summary>
    public const int Square = 16;

    /// <summary>Short edge of an image in which small letters may leave no trace, in pixels.</summary>
    private const int Narrow = 256;

    /// <summary>Height of what small letters become, in pixels.</summary>
    private const int LeastTrace = 3;

    /// <summary>How much higher than necessary letters of the shrunk image must be to be measured by it alone.</summary>
    private const double Sure = 1.2;

    private readonly byte[] pixels;
    private readonly int bands;
    private readonly Enums.Interpretation interpretation;

    private ShrunkPixels(byte[] pixels, int width, int height, int bands, Enums.Interpretation interpretation)
    {
        (this.pixels, Width, Height, this.bands, this.interpretation) = (pixels, width, height, bands, interpretation);
        UsesAlpha = bands is 2 or 4 && LooksThrough();
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Whether there is an alpha channel that some pixel uses.</summary>
    public bool UsesAlpha { get; }

    public static ShrunkPixels Read(Image shrunk)
    {
        using var bytes = shrunk.Format == Enums.BandFormat.Uchar ? shrunk.Copy() : shrunk.Cast(Enums.BandFormat.Uchar);
        return new ShrunkPixels(bytes.WriteToMemory<byte>(), bytes.Width, bytes.Height, bytes.Bands, bytes.Interpretation);
    }

    /// <summary>The pixels as an image of libvips, without an alpha channel that no pixel uses and without any metadata.</summary>
    public Image ToImage()
    {
        using var all = Image.NewFromMemory(pixels, Width, Height, bands, Enums.BandFormat.Uchar);
        // The same pixels must make the same bytes, whatever print resolution the original has.
        using var plain = all.Copy(interpretation: interpretation, xres: 1, yres: 1);
        return bands is 2 or 4 && !UsesAlpha ? plain.ExtractBand(0, bands - 1) : plain.Copy();
    }

    /// <summary>The pixels of a part as an image of libvips.</summary>
    public Image ToImage(int left, int top, int width, int height) =>
        Image.NewFromMemory(Copy(left, top, width, height), width, height, bands, Enums.BandFormat.Uchar);

    /// <summary>The pixels of a part.</summary>
    public ShrunkPixels Part(int left, int top, int width, int height) =>
        new(Copy(left, top, width, height), width, height, bands, interpretation);

    private byte[] Copy(int left, int top, int width, int height)
    {
        var part = new byte[width * height * bands];
        for (var y = 0; y < height; y++) Row(top + y).Slice(left * bands, width * bands).CopyTo(part.AsSpan(y * width * bands));
        return part;
    }

    /// <summary>Whether the image is a flat-colour picture by <see cref="FlatColour"/>.</summary>
    public bool IsFlat()
    {
        var equal = 0L;
        for (var y = 0; y < Height; y++)
        {
            var row = Row(y);
            for (var at = bands; at < row.Length; at += bands)
            {
                if (row.Slice(at, bands).SequenceEqual(row.Slice(at - bands, bands))) equal++;
            }
        }

        return equal >= FlatColour.Share * (Width - 1L) * Height;
    }

    /// <summary>
    /// Whether there may be text that became too small to be read: lines of small letters, or of what letters become, or an image so narrow that
    /// nothing of them may be left.
    /// </summary>
    public bool MayHoldSmallText()
    {
        if (Math.Min(Width, Height) < Narrow) return true;
        var meter = new TextMeter(Width, LeastTrace);
        for (var y = 0; y < Height; y++) meter.Add(Row(y), bands);
        return meter.End() is { Letters: > 0 } found && found.Height < Sure * LegiblePlan.LeastHeight;
    }

    /// <summary>The corner of the square of <see cref="Square"/> pixels in which neighbours differ the most, by green or by brightness.</summary>
    public (int X, int Y) Liveliest()
    {
        var (most, liveliest) = (-1, (0, 0));
        var sums = new int[(Width + Square - 1) / Square];
        for (var top = 0; top < Height; top += Square)
        {
            Array.Clear(sums);
            // Every second row shows where the detail is.
            for (var y = top; y < Math.Min(Height, top + Square); y += 2)
            {
                var row = Row(y);
                for (var square = 0; square < sums.Length; square++)
                {
                    var from = Math.Max(1, square * Square) * bands;
                    sums[square] += Differences(row[(from - bands)..Math.Min(row.Length, (square + 1) * Square * bands)]);
                }
            }

            for (var square = 0; square < sums.Length; square++)
            {
                if (sums[square] > most) (most, liveliest) = (sums[square], (square * Square, top));
            }
        }

        return liveliest;
    }

    private int Differences(ReadOnlySpan<byte> run)
    {
        var sum = 0;
        for (var at = bands > 2 ? bands + 1 : bands; at < run.Length; at += bands) sum += Math.Abs(run[at] - run[at - bands]);
        return sum;
    }

    private bool LooksThrough()
    {
        for (var at = bands - 1; at < pixels.Length; at += bands)
        {
            if (pixels[at] != byte.MaxValue) return true;
        }

        return false;
    }

    private ReadOnlySpan<byte> Row(int y) => pixels.AsSpan(y * Width * bands, Width * bands);
}
