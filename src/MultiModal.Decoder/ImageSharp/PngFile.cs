using System.Buffers.Binary;
using System.IO.Compression;

namespace MultiModal.Decoder.ImageSharp;

/// <summary>The chunks of a PNG (W3C Portable Network Graphics, sections 5.3 and 11).</summary>
internal static class PngFile
{
    /// <summary>Maximum length of a colour profile, in bytes; profiles of matrix and curves have a few kilobytes.</summary>
    private const int LongestProfile = 4 << 20;

    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public static ImageOutline? Outline(Stream file)
    {
        var head = file.Next(24).AsSpan();
        if (!head.StartsWith(Signature) || !head[12..16].SequenceEqual("IHDR"u8)) return null;
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(head[16..]), BinaryPrimitives.ReadInt32BigEndian(head[20..]));
        return file.HasNearEnd("IEND"u8) ? new ImageOutline(width, height, 1) : null;
    }

    /// <summary>Reads the embedded colour profile, which ImageSharp 2 does not read.</summary>
    /// <returns>The profile; null if there is none or it can't be read.</returns>
    public static byte[]? ColourProfile(Stream file)
    {
        file.Position = Signature.Length;
        while (true)
        {
            var head = new byte[8];
            if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length) return null;
            var length = BinaryPrimitives.ReadUInt32BigEndian(head);
            var name = head.AsSpan(4);
            if (name.SequenceEqual("IDAT"u8)) return null; // The profile comes before the pixels.
            if (name.SequenceEqual("iCCP"u8)) return length <= LongestProfile ? Unpacked(file.Next((int)length)) : null;
            file.Position += length + 4L;
        }
    }

    /// <summary>
    /// Decompresses a profile. It follows a name that ends in a zero byte and the number of the method; zlib's is the only one defined.
    /// </summary>
    private static byte[]? Unpacked(byte[] content)
    {
        var start = content.AsSpan().IndexOf((byte)0) + 2;
        if (start < 2 || start > content.Length) return null;
        try
        {
            using var packed = new ZLibStream(new MemoryStream(content, start, content.Length - start), CompressionMode.Decompress);
            var profile = new byte[LongestProfile];
            var length = packed.ReadAtLeast(profile, profile.Length, throwOnEndOfStream: false);
            return length < profile.Length ? profile[..length] : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
