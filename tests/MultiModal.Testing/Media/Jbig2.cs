using System.Buffers.Binary;

namespace MultiModal.Testing.Media;

/// <summary>
/// JBIG2 as a PDF embeds it (ITU-T T.88, annex D.3), made of Group 4 data: a generic region in MMR coding is that data (6.2.6).
/// </summary>
public static class Jbig2
{
    /// <param name="tiff">A little-endian TIFF with one strip in Group 4 coding, as libtiff writes it.</param>
    /// <param name="copies">How often the picture is on the page, one below the other.</param>
    /// <returns>The segments of the page, and its size.</returns>
    public static (byte[] Segments, int Width, int Height) OfGroup4(byte[] tiff, int copies = 1)
    {
        ArgumentNullException.ThrowIfNull(tiff);
        var entries = Entries(tiff);
        var (width, height) = (entries[256], entries[257]);
        if (entries[259] != 4 || entries.GetValueOrDefault(266, 1) != 1 || entries[262] != 0)
            throw new ArgumentException("The TIFF is not in Group 4 coding with white as 0.", nameof(tiff));
        var strip = tiff.AsSpan(entries[273], entries[279]);
        byte[] page = [.. Number(width), .. Number(height * copies), .. Number(0), .. Number(0), 0, 0, 0];
        byte[] segments = [.. Segment(0, 48, page)];
        for (var copy = 0; copy < copies; copy++)
        {
            byte[] region = [.. Number(width), .. Number(height), .. Number(0), .. Number(height * copy), 0, 1, .. strip];
            segments = [.. segments, .. Segment(1 + copy, 38, region)];
        }

        return (segments, width, height * copies);
    }

    private static byte[] Segment(int number, byte type, byte[] data) => [.. Number(number), type, 0, 1, .. Number(data.Length), .. data];

    private static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    /// <summary>The first directory's tags with their first values (TIFF 6.0, section 2).</summary>
    private static Dictionary<int, int> Entries(byte[] tiff)
    {
        var directory = tiff.AsSpan(BinaryPrimitives.ReadInt32LittleEndian(tiff.AsSpan(4)));
        var entries = new Dictionary<int, int>();
        for (var i = 0; i < BinaryPrimitives.ReadUInt16LittleEndian(directory); i++)
        {
            var entry = directory.Slice(2 + (12 * i), 12);
            var isShort = BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]) == 3;
            entries[BinaryPrimitives.ReadUInt16LittleEndian(entry)] = isShort
                ? BinaryPrimitives.ReadUInt16LittleEndian(entry[8..])
                : BinaryPrimitives.ReadInt32LittleEndian(entry[8..]);
        }

        return entries;
    }
}
