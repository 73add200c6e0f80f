using System.Buffers.Binary;

namespace MultiModal.Decoder.ImageSharp;

/// <summary>The headers of a Windows or OS/2 bitmap: BITMAPFILEHEADER, and BITMAPCOREHEADER or a later one.</summary>
internal static class BmpFile
{
    private const int CoreHeaderLength = 12;

    public static ImageOutline? Outline(Stream file)
    {
        var head = file.Next(26).AsSpan();
        if (!head.StartsWith("BM"u8) || BinaryPrimitives.ReadUInt32LittleEndian(head[2..]) > file.Length) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(head[14..]) == CoreHeaderLength)
        {
            return new ImageOutline(BinaryPrimitives.ReadUInt16LittleEndian(head[18..]), BinaryPrimitives.ReadUInt16LittleEndian(head[20..]), 1);
        }

        // A negative height means that the rows are stored from the top down.
        var (width, height) = (BinaryPrimitives.ReadInt32LittleEndian(head[18..]), BinaryPrimitives.ReadInt32LittleEndian(head[22..]));
        return height == int.MinValue ? null : new ImageOutline(width, Math.Abs(height), 1);
    }
}
