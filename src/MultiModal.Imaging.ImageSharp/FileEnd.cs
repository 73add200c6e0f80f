using System.Buffers.Binary;

namespace MultiModal.Imaging.ImageSharp;

/// <summary>
/// Whether a file goes on to its end. ImageSharp's decoders fill up what is missing of some formats and say nothing, so that
/// half an image would pass for a whole one.
/// </summary>
internal static class FileEnd
{
    private const int TailLength = 64 << 10;

    /// <summary>Whether the file has the end that its format asks for; true for formats that ImageSharp itself minds.</summary>
    public static bool IsThere(Stream file, string mediaType) => mediaType switch
    {
        "image/jpeg" => Tail(file).LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) >= 0,
        "image/png" => Tail(file).LastIndexOf("IEND"u8) >= 0,
        "image/gif" => EndsFirstFrame(file),
        "image/webp" => LengthAt(file, 4) + 8 <= file.Length,
        "image/bmp" => LengthAt(file, 2) <= file.Length,
        _ => true,
    };

    // Cameras and phones append what they like after the image; the end of the image is before it.
    private static ReadOnlySpan<byte> Tail(Stream file)
    {
        var tail = new byte[Math.Min(file.Length, TailLength)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        return tail;
    }

    /// <summary>Walks the blocks of a GIF (GIF89a specification, sections 17 to 27) to the end of its first image.</summary>
    private static bool EndsFirstFrame(Stream file)
    {
        const int screenFlags = 10, screenLength = 13, imageFlags = 8, imageLength = 9;
        file.Position = screenFlags;
        file.Position = screenLength + ColourTable(file.ReadByte());
        while (true)
        {
            switch (file.ReadByte())
            {
                case 0x21:
                    file.Position++;
                    if (!SkipBlocks(file)) return false;
                    break;
                case 0x2C:
                    var start = file.Position;
                    file.Position = start + imageFlags;
                    file.Position = start + imageLength + ColourTable(file.ReadByte()) + 1;
                    return SkipBlocks(file);
                default:
                    return false;
            }
        }

        static int ColourTable(int flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    }

    private static bool SkipBlocks(Stream file)
    {
        while (true)
        {
            var length = file.ReadByte();
            if (length <= 0) return length == 0;
            file.Position += length;
        }
    }

    private static uint LengthAt(Stream file, int offset)
    {
        Span<byte> length = stackalloc byte[4];
        file.Position = offset;
        file.ReadExactly(length);
        return BinaryPrimitives.ReadUInt32LittleEndian(length);
    }
}
