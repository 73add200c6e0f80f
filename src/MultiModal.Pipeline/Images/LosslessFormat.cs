using System.Buffers.Binary;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// Whether an original holds its pixels exactly. Only such an original is worth a PNG: the smooth areas of a lossy one are what its
/// compression left, and a PNG would keep that at many times the size.
/// </summary>
internal static class LosslessFormat
{
    /// <summary>Length of a WebP's form header, and of the header of each of its chunks (RFC 9649, section 2).</summary>
    private const int FormHeader = 12, ChunkHeader = 8, FrameHeader = 16;

    /// <param name="mediaType">Media type by content.</param>
    /// <param name="filePath">The original, which is only opened where the media type does not decide.</param>
    public static bool Is(string mediaType, string filePath)
    {
        if (mediaType != "image/webp") return mediaType is "image/png" or "image/gif" or "image/bmp" or "image/tiff";
        using var file = File.OpenRead(filePath);
        return IsLosslessWebp(file);
    }

    /// <summary>Whether the image, or the first frame of an animation, is in a chunk named <c>VP8L</c>.</summary>
    private static bool IsLosslessWebp(FileStream file)
    {
        Span<byte> head = stackalloc byte[ChunkHeader];
        for (long at = FormHeader; at + ChunkHeader <= file.Length;)
        {
            file.Position = at;
            file.ReadExactly(head);
            if (head.StartsWith("VP8L"u8)) return true;
            if (head.StartsWith("VP8 "u8)) return false;
            var length = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            at += head.StartsWith("ANMF"u8) ? ChunkHeader + FrameHeader : ChunkHeader + length + (length & 1);
        }

        return false;
    }
}
