using System.Buffers.Binary;

namespace MultiModal.Pipeline.Content;

/// <summary>Recognises images by their first bytes; only for files that are not text.</summary>
internal static class ImageSignatures
{
    public static string? MediaType(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) && head.Length > 3 && head[3] >= 0xC0) return "image/jpeg";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])) return "image/png";
        if (head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8)) return "image/gif";
        if (head.IsContainer("RIFF"u8, "WEBPVP8"u8)) return "image/webp";
        if (IsTiff(head)) return "image/tiff";
        if (IsBitmap(head)) return "image/bmp";
        return IsoMedia.MediaType(head) is { } media && media.StartsWith("image/", StringComparison.Ordinal) ? media : null;
    }

    /// <summary>Whether the file is a classic or big TIFF, in either byte order.</summary>
    public static bool IsTiff(ReadOnlySpan<byte> head) =>
        head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) || head.StartsWith("II+\0"u8) || head.StartsWith("MM\0+"u8);

    /// <summary>"BM" alone is only two letters, so the size of the header that follows must be a valid one.</summary>
    private static bool IsBitmap(ReadOnlySpan<byte> head) =>
        head.Length >= 26 && head.StartsWith("BM"u8)
        && BinaryPrimitives.ReadUInt32LittleEndian(head[14..]) is 12 or 40 or 52 or 56 or 64 or 108 or 124;
}
