using System.Buffers.Binary;

namespace MultiModal.Decoder.ImageSharp;

/// <summary>The blocks of a GIF (GIF89a specification, sections 17 to 27).</summary>
internal static class GifFile
{
    /// <summary>
    /// Counts the frames without decoding any. The first frame must be complete; if the file is cut short later, every frame that has
    /// begun counts.
    /// </summary>
    public static ImageOutline? Outline(Stream file)
    {
        var head = file.Next(13).AsSpan();
        if (!head.StartsWith("GIF87a"u8) && !head.StartsWith("GIF89a"u8)) return null;
        var (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(head[6..]), BinaryPrimitives.ReadUInt16LittleEndian(head[8..]));
        file.Position += ColourTable(head[10]);
        var frames = 0;
        while (true)
        {
            switch (file.ReadByte())
            {
                case 0x21:
                    file.Position++;
                    if (!SkipBlocks(file) && frames == 0) return null;
                    break;
                case 0x2C:
                    frames++;
                    file.Position += 8;
                    var flags = file.ReadByte();
                    file.Position += ColourTable(Math.Max(0, flags)) + 1;
                    if (!SkipBlocks(file) && frames == 1) return null;
                    break;
                default:
                    return frames == 0 ? null : new ImageOutline(width, height, frames);
            }
        }
    }

    private static int ColourTable(int flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    /// <returns>Whether the block that ends them is there.</returns>
    private static bool SkipBlocks(Stream file)
    {
        while (true)
        {
            var length = file.ReadByte();
            if (length <= 0) return length == 0;
            file.Position += length;
        }
    }
}
