using System.Buffers.Binary;

namespace AzureOpenAISimulator.Media;

/// <summary>Format and size of an image from its bytes. Whole enough to be decoded: a PNG must reach IEND, a JPEG its scan.</summary>
public sealed record ImageHeader(string Format, int Width, int Height)
{
    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <returns>Null where the format is none of the four that the services take, or where the file is damaged (<paramref name="known"/> tells
    /// which).</returns>
    public static ImageHeader? Read(ReadOnlySpan<byte> bytes, out bool known)
    {
        known = true;
        if (bytes.StartsWith(PngSignature)) return Png(bytes);
        if (bytes.StartsWith<byte>([0xFF, 0xD8, 0xFF])) return Jpeg(bytes);
        if (bytes.StartsWith("GIF8"u8)) return Gif(bytes);
        if (bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WEBP"u8)) return WebP(bytes);
        known = false;
        return null;
    }

    // Chunks are length, type, data, CRC (PNG specification, 5.3).
    private static ImageHeader? Png(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 24) return null;
        var width = BinaryPrimitives.ReadInt32BigEndian(bytes[16..]);
        var height = BinaryPrimitives.ReadInt32BigEndian(bytes[20..]);
        var hasPixels = false;
        for (long at = 8; at + 12 <= bytes.Length;)
        {
            var chunk = bytes[(int)at..];
            var length = BinaryPrimitives.ReadUInt32BigEndian(chunk);
            var type = chunk[4..8];
            if (at + 12 + length > bytes.Length) return null;
            hasPixels |= type.SequenceEqual("IDAT"u8);
            if (type.SequenceEqual("IEND"u8)) return hasPixels ? Valid("png", width, height) : null;
            at += 12 + length;
        }
        return null;
    }

    // Marker segments up to the start of scan (ITU-T T.81, B.1); the size is in SOF0 to SOF15 but DHT, JPG and DAC.
    private static ImageHeader? Jpeg(ReadOnlySpan<byte> bytes)
    {
        ImageHeader? size = null;
        for (var at = 2; at + 4 <= bytes.Length;)
        {
            if (bytes[at] != 0xFF) return null;
            var marker = bytes[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            if (marker == 0xDA) return at + 2 + length < bytes.Length ? size : null;
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && at + 9 <= bytes.Length)
            {
                size = Valid(
                    "jpeg", BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 5)..]));
            }
            at += 2 + length;
        }
        return null;
    }

    private static ImageHeader? Gif(ReadOnlySpan<byte> bytes) => bytes.Length < 13
        ? null
        : Valid("gif", BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]));

    // VP8X: 24-bit sizes less one; VP8L: 14 bits each less one; VP8: 14 bits each after the start code (RFC 9649, 2.7 and 2.5).
    private static ImageHeader? WebP(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 30) return null;
        var chunk = bytes[12..16];
        if (chunk.SequenceEqual("VP8X"u8))
        {
            return Valid("webp", 1 + (bytes[24] | bytes[25] << 8 | bytes[26] << 16), 1 + (bytes[27] | bytes[28] << 8 | bytes[29] << 16));
        }
        if (chunk.SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(bytes[21..]);
            return Valid("webp", 1 + (int)(bits & 0x3FFF), 1 + (int)(bits >> 14 & 0x3FFF));
        }
        return chunk.SequenceEqual("VP8 "u8)
            ? Valid(
                "webp", BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]) & 0x3FFF)
            : null;
    }

    private static ImageHeader? Valid(string format, int width, int height) => width > 0 && height > 0 ? new(format, width, height) : null;
}
