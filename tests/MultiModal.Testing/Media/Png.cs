using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace MultiModal.Testing.Media;

/// <summary>PNG files (RFC 2083), made without any imaging library.</summary>
public static class Png
{
    private const byte GreyType = 0;
    private const byte RgbType = 2;

    /// <summary>A whole, valid picture with pixels that no other has.</summary>
    public static byte[] Noise(int width = 96, int height = 64) => Whole(width, height, RgbType, () => RandomNumberGenerator.GetBytes(width * 3));

    /// <summary>A whole, valid picture of one grey: the same arguments make the same bytes.</summary>
    public static byte[] Grey(int width, int height, byte shade = 128)
    {
        var row = new byte[width];
        Array.Fill(row, shade);
        return Whole(width, height, GreyType, () => row);
    }

    /// <summary>Its pixels end in the middle, and what there is of them is not what was compressed.</summary>
    public static byte[] Corrupt()
    {
        var whole = Noise();
        var broken = whole[..(whole.Length / 2)];
        RandomNumberGenerator.Fill(broken.AsSpan(60));
        return broken;
    }

    /// <summary>It claims a size and has hardly any pixels to show for it.</summary>
    public static byte[] Claiming(int width, int height) => File(width, height, RgbType, [0x78, 0x9C, 0x63, 0x60]);

    private static byte[] Whole(int width, int height, byte colourType, Func<byte[]> row)
    {
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                zlib.Write(row());
            }
        }

        return File(width, height, colourType, pixels.ToArray());
    }

    private static byte[] File(int width, int height, byte colourType, byte[] pixels)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, colourType);
        return [0x89, .. "PNG\r\n\x1a\n"u8, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, pixels), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] content)
    {
        var chunk = new byte[12 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        type.CopyTo(chunk.AsSpan(4));
        content.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + content.Length), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + content.Length)));
        return chunk;
    }
}
