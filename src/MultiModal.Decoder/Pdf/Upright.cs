using System.Buffers.Binary;

namespace MultiModal.Decoder.Pdf;

/// <summary>Writes a picture's orientation into its own metadata, so that it need not be encoded again.</summary>
internal static class Upright
{
    /// <param name="jpeg">A JPEG file.</param>
    /// <param name="orientation">Orientation as in EXIF, from 1 to 8.</param>
    public static byte[] Jpeg(ReadOnlySpan<byte> jpeg, int orientation)
    {
        if (orientation == 1 || !jpeg.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8])) return jpeg.ToArray();
        byte[] exif = [.. "Exif\0\0"u8, .. Exif(orientation)];
        return [0xFF, 0xD8, 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }

    /// <param name="png">A PNG file.</param>
    /// <param name="orientation">Orientation as in EXIF, from 1 to 8.</param>
    public static byte[] Png(ReadOnlySpan<byte> png, int orientation)
    {
        const int headerEnd = 8 + 12 + 13;
        if (orientation == 1 || png.Length < headerEnd) return png.ToArray();
        byte[] chunk = [.. "eXIf"u8, .. Exif(orientation)];
        var (length, check) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, chunk.Length - 4);
        BinaryPrimitives.WriteUInt32BigEndian(check, System.IO.Hashing.Crc32.HashToUInt32(chunk));
        return [.. png[..headerEnd], .. length, .. chunk, .. check, .. png[headerEnd..]];
    }

    /// <summary>Builds a TIFF header and a directory with the single entry 0x0112 (EXIF 2.32, 4.6.4).</summary>
    private static byte[] Exif(int orientation) =>
        [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0];
}
