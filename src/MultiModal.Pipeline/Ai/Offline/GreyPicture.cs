using System.Globalization;
using System.Text;
using MultiModal.Pipeline.Images;
using NetVips;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>The grey pixels of a picture, which are all that tesseract looks at.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Pixels">A byte for each pixel, row by row.</param>
internal sealed record GreyPicture(int Width, int Height, byte[] Pixels)
{
    private const double Enlargement = 2;

    /// <summary>
    /// Short edge of an enlarged picture, in pixels; a larger picture is read as it is. The long edge of a strip says nothing about its print.
    /// </summary>
    private const double EnlargedEdge = 1800;

    /// <summary>
    /// Pixels that are read at once. Tesseract takes some 20 bytes for each, and its search for columns takes longer than in proportion.
    /// </summary>
    private const int BandPixels = 12_000_000;

    private const int ShortestBand = 800;

    /// <summary>Neighbours that differ by more than this belong to letters, lines or pictures; the noise of JPEG is less.</summary>
    private const int Contrast = 24;

    public double Megapixels => Pixels.Length / 1e6;

    /// <exception cref="VipsException">The bytes are no picture.</exception>
    public static GreyPicture Decode(ReadOnlyMemory<byte> image)
    {
        _ = Libvips.Version;
        using var decoded = Image.NewFromBuffer(image.ToArray(), failOn: Enums.FailOn.Error);
        using var opaque = decoded.HasAlpha() ? decoded.Flatten(background: [255]) : decoded.Copy();
        using var grey = opaque.Colourspace(Enums.Interpretation.Bw);
        var scale = Math.Clamp(EnlargedEdge / Math.Min(grey.Width, grey.Height), 1, Enlargement);
        using var large = grey.Resize(scale, kernel: Enums.Kernel.Cubic);
        using var bytes = large.Cast(Enums.BandFormat.Uchar);
        return new GreyPicture(bytes.Width, bytes.Height, bytes.WriteToMemory<byte>());
    }

    /// <summary>The picture as a PGM file, which need not be decoded again.</summary>
    public Stream ToPgm() => new MemoryStream(
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"P5\n{Width} {Height}\n255\n")), .. Pixels]);

    /// <summary>Parts from top to bottom that are not too large to be read at once, cut where the picture is emptiest.</summary>
    public IEnumerable<(int Top, GreyPicture Band)> Bands()
    {
        var most = Math.Max(ShortestBand, BandPixels / Width);
        var top = 0;
        while (Height - top > most)
        {
            var cut = EmptiestRow(top + (most / 2), top + most);
            yield return (top, Rows(top, cut));
            top = cut;
        }

        yield return (top, top == 0 ? this : Rows(top, Height));
    }

    /// <summary>The picture without these words, each painted over with what is around it.</summary>
    /// <param name="words">Words of this picture.</param>
    /// <param name="top">Distance of this picture from the top of the one in which the words are placed, in pixels.</param>
    public GreyPicture Without(IEnumerable<OcrWord> words, int top)
    {
        var pixels = Pixels.ToArray();
        Span<int> levels = stackalloc int[256];
        foreach (var word in words)
        {
            var (left, right) = (Math.Clamp(word.Left - 2, 0, Width), Math.Clamp(word.Right + 2, 0, Width));
            var (first, last) = (Math.Clamp(word.Top - top - 2, 0, Height), Math.Clamp(word.Bottom - top + 2, 0, Height));
            if (left >= right || first >= last) continue;
            levels.Clear();
            for (var x = left; x < right; x++)
            {
                levels[Pixels[(first * Width) + x]]++;
                levels[Pixels[((last - 1) * Width) + x]]++;
            }

            var (median, seen) = (0, levels[0]);
            while (seen < right - left) seen += levels[++median];
            for (var y = first; y < last; y++) pixels.AsSpan((y * Width) + left, right - left).Fill((byte)median);
        }

        return this with { Pixels = pixels };
    }

    private GreyPicture Rows(int from, int to) => new(Width, to - from, Pixels[(from * Width)..(to * Width)]);

    /// <summary>The middle of the longest run of rows that hold the least.</summary>
    private int EmptiestRow(int from, int to)
    {
        var edges = new int[to - from];
        for (var y = from; y < to; y++)
        {
            var row = Pixels.AsSpan(y * Width, Width);
            for (var x = 1; x < Width; x++)
            {
                if (Math.Abs(row[x] - row[x - 1]) > Contrast) edges[y - from]++;
            }
        }

        var least = edges.Min();
        var (best, length, start) = (from, 0, -1);
        for (var i = 0; i <= edges.Length; i++)
        {
            if (i < edges.Length && edges[i] == least)
            {
                if (start < 0) start = i;
            }
            else if (start >= 0)
            {
                if (i - start > length) (best, length) = (from + ((start + i) / 2), i - start);
                start = -1;
            }
        }

        return best;
    }
}
