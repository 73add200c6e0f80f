using System.Runtime.Intrinsics;

namespace MultiModal.Pipeline.Images;

/// <summary>How bright the pixels of an image are.</summary>
internal static class GreyLevels
{
    /// <summary>Parts of 256 that red, green and blue have in the brightness (ITU-R BT.601).</summary>
    private const int Red = 77, Green = 150, Blue = 29;

    /// <summary>Pixels of three bands that are read at once.</summary>
    private const int Block = 8;

    /// <summary>Reads a row.</summary>
    /// <param name="row">Its pixels.</param>
    /// <param name="bands">Bytes of a pixel: 1 for grey, 3 for red, green and blue; 2 and 4 have an alpha channel, over white.</param>
    /// <param name="levels">Takes the brightness of each pixel, 0 to 255.</param>
    public static void Read(ReadOnlySpan<byte> row, int bands, Span<byte> levels)
    {
        if (bands == 1)
        {
            row.CopyTo(levels);
            return;
        }

        var x = bands == 3 && Vector128.IsHardwareAccelerated ? ReadBlocks(row, levels) : 0;
        for (var at = x * bands; x < levels.Length; x++, at += bands)
        {
            var level = bands >= 3 ? ((Red * row[at]) + (Green * row[at + 1]) + (Blue * row[at + 2])) >> 8 : row[at];
            if (bands is 2 or 4) level = 255 - ((255 - level) * row[at + bands - 1] / 255);
            levels[x] = (byte)level;
        }
    }

    /// <summary>Reads as many blocks of pixels of three bands as there are, and returns the number of pixels.</summary>
    private static int ReadBlocks(ReadOnlySpan<byte> row, Span<byte> levels)
    {
        var x = 0;
        for (; x + Block <= levels.Length; x += Block)
        {
            // 24 bytes, as the first 16 and the last 16. The pixels 0 to 4 are in the former, and 5 to 7 in the latter.
            var first = Vector128.Create(row.Slice(3 * x, 16));
            var last = Vector128.Create(row.Slice((3 * x) + 8, 16));
            var level = (Band(first, last, 0) * Red) + (Band(first, last, 1) * Green) + (Band(first, last, 2) * Blue);
            Vector128.Narrow(level >> 8, Vector128<ushort>.Zero).GetLower().CopyTo(levels[x..]);
        }

        return x;
    }

    private static Vector128<ushort> Band(Vector128<byte> first, Vector128<byte> last, byte band)
    {
        // What is taken from beyond the vector is 0.
        const byte None = 128;
        var inFirst = Vector128.Create((byte)0, None, 3, None, 6, None, 9, None, 12, None, None, None, None, None, None, None);
        var inLast = Vector128.Create(None, None, None, None, None, None, None, None, None, None, 7, None, 10, None, 13, None);
        var step = Vector128.Create(band, 0, band, 0, band, 0, band, 0, band, 0, band, 0, band, 0, band, 0);
        return (Vector128.Shuffle(first, inFirst + step) | Vector128.Shuffle(last, inLast + step)).AsUInt16();
    }
}
