using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace AzureOpenAISimulator.Pictures;

/// <summary>Writes PNG (W3C PNG, third edition): a palette and one byte a pixel.</summary>
public static class PngFile
{
    private const byte PaletteType = 3;

    public static byte[] Of(Picture picture)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Size.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Size.Height);
        (header[8], header[9]) = (8, PaletteType);
        return
        [
            0x89, .. "PNG\r\n\x1a\n"u8, .. Chunk("IHDR"u8, header), .. Chunk("PLTE"u8, picture.Colours), .. Chunk("IDAT"u8, Pixels(picture)),
            .. Chunk("IEND"u8, []),
        ];
    }

    private static byte[] Pixels(Picture picture)
    {
        // A row begins with its filter: none.
        var row = new byte[picture.Size.Width + 1];
        for (var column = 0; column < picture.Size.Width; column++) row[column + 1] = (byte)picture.Bar(column);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var line = 0; line < picture.Size.Height; line++) zlib.Write(row);
        }
        return packed.ToArray();
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        var chunk = new byte[12 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        type.CopyTo(chunk.AsSpan(4));
        content.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + content.Length), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + content.Length)));
        return chunk;
    }
}
