using System.Buffers.Binary;

namespace MultiModal.Decoder.ImageSharp;

/// <summary>The markers of a JPEG (ITU-T T.81, annex B).</summary>
internal static class JpegFile
{
    public static ImageOutline? Outline(Stream file)
    {
        if (!file.Next(2).AsSpan().SequenceEqual((ReadOnlySpan<byte>)[0xFF, 0xD8])) return null;
        while (true)
        {
            if (file.NextByte() != 0xFF) return null;
            int marker;
            do marker = file.NextByte(); while (marker == 0xFF);
            if (marker is 0x01 or (>= 0xD0 and <= 0xD7)) continue; // They stand alone.
            if (marker is 0x00 or 0xD8 or 0xD9 or 0xDA) return null; // Data, or the end, before a frame header.
            var length = BinaryPrimitives.ReadUInt16BigEndian(file.Next(2));
            if (length < 2) return null;
            if (!StartsFrame(marker))
            {
                file.Position += length - 2;
                continue;
            }

            var size = file.Next(5).AsSpan();
            var (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(size[1..]), BinaryPrimitives.ReadUInt16BigEndian(size[3..]));
            return file.HasNearEnd([0xFF, 0xD9]) ? new ImageOutline(width, height, 1) : null;
        }
    }

    /// <summary>Whether a marker is one of SOF0 to SOF15, except those that define tables or are reserved.</summary>
    private static bool StartsFrame(int marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
