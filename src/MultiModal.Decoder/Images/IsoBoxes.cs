using System.Buffers.Binary;

namespace MultiModal.Decoder.Images;

/// <summary>The outermost boxes of an ISO base media file (ISO/IEC 14496-12, 4.2), for example a HEIC.</summary>
internal static class IsoBoxes
{
    /// <summary>
    /// True if a box ends behind the end of the file. libheif decodes the available data and fills missing tiles of a grid with one
    /// colour, without an error.
    /// </summary>
    public static bool AreCutShort(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> header = stackalloc byte[16];
        long start = 0;
        while (start < file.Length)
        {
            file.Position = start;
            var read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
            if (read < 8) return true;
            long size = BinaryPrimitives.ReadUInt32BigEndian(header);
            if (size == 0) return false; // to the end of the file, whatever that is
            var headerSize = size == 1 ? 16 : 8;
            if (size == 1) size = read < 16 ? 0 : BinaryPrimitives.ReadInt64BigEndian(header[8..]);
            if (size < headerSize || size > file.Length - start) return true;
            start += size;
        }

        return false;
    }
}
