using System.Buffers.Binary;

namespace MultiModal.Pipeline.Images;

/// <summary>A PNG or JPEG as its own structure describes it. Nothing is decoded.</summary>
/// <param name="MediaType"><c>image/png</c> or <c>image/jpeg</c>.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
public sealed record PictureFile(string MediaType, int Width, int Height)
{
    /// <summary>Extension of a file of this type, with its dot.</summary>
    public string Extension => MediaType == "image/png" ? ".png" : ".jpg";

    /// <returns>Null where the bytes are neither, or end before the picture does.</returns>
    public static PictureFile? Read(ReadOnlySpan<byte> file) => ReadPng(file) ?? ReadJpeg(file);

    /// <summary>Follows the chunks to the last one. Source: W3C, PNG, 5.3 and 11.2.2.</summary>
    private static PictureFile? ReadPng(ReadOnlySpan<byte> file)
    {
        const int around = 12; // length, type and check sum of a chunk
        if (!file.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])) return null;
        PictureFile? found = null;
        var hasData = false;
        for (var rest = file[8..]; rest.Length >= around;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - around) return null;
            var type = rest.Slice(4, 4);
            if (found is null)
            {
                if (!type.SequenceEqual("IHDR"u8) || length != 13) return null;
                found = Sized("image/png", BinaryPrimitives.ReadUInt32BigEndian(rest[8..]), BinaryPrimitives.ReadUInt32BigEndian(rest[12..]));
                if (found is null) return null;
            }

            hasData |= type.SequenceEqual("IDAT"u8);
            if (type.SequenceEqual("IEND"u8)) return hasData ? found : null;
            rest = rest[(around + (int)length)..];
        }

        return null;
    }

    /// <summary>Follows the segments to the first scan, and looks for the end of the image. Source: ITU-T T.81, B.1 and B.2.</summary>
    private static PictureFile? ReadJpeg(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) || !file.TrimEnd((byte)0).EndsWith((ReadOnlySpan<byte>)[0xFF, 0xD9])) return null;
        PictureFile? found = null;
        for (var rest = file[2..]; rest.Length >= 4 && rest[0] == 0xFF;)
        {
            var marker = rest[1];
            if (marker == 0xFF)
            {
                rest = rest[1..];
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length < 2 || length > rest.Length - 2) return null;
            if (marker == 0xDA) return found;
            if (IsFrame(marker))
            {
                if (length < 8) return null;
                found = Sized("image/jpeg", BinaryPrimitives.ReadUInt16BigEndian(rest[7..]), BinaryPrimitives.ReadUInt16BigEndian(rest[5..]));
                if (found is null) return null;
            }

            rest = rest[(2 + length)..];
        }

        return null;
    }

    private static PictureFile? Sized(string mediaType, uint width, uint height) =>
        width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue ? new(mediaType, (int)width, (int)height) : null;

    /// <summary>Whether a segment begins a frame: all SOF markers, without DHT, JPG and DAC, which lie among them.</summary>
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
