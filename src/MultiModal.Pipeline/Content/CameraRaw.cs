using System.Buffers.Binary;

namespace MultiModal.Pipeline.Content;

/// <summary>
/// Recognises raw files of cameras. Most are TIFF files whose first page is a thumbnail of 160 pixels. Read as TIFF they would give
/// only that thumbnail, so they are recognised and named.
/// </summary>
internal static class CameraRaw
{
    private const ushort DngVersionTag = 50706; // Adobe DNG Specification 1.7, "DNGVersion"
    private const ushort SubIfdsTag = 330;      // TIFF Technical Note 1; NEF and ARW keep the sensor's picture there
    private const ushort MakeTag = 271;
    private const int EntryLength = 12;

    public static string? Name(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("FUJIFILMCCD-RAW"u8)) return "a Fujifilm raw image";
        if (head.HasAt(4, "ftypcrx "u8)) return "a Canon raw image";
        if (head.StartsWith("IIRO"u8) || head.StartsWith("IIU\0"u8)) return "a camera's raw image";
        if (!head.StartsWith("II*\0"u8) && !head.StartsWith("MM\0*"u8)) return null;
        if (head.HasAt(8, "CR"u8)) return "a Canon raw image";
        return Tags(head) switch
        {
            { Dng: true } => "a DNG raw image",
            { SubIfds: true, Make: true } => "a camera's raw image",
            _ => null,
        };
    }

    private static (bool Dng, bool SubIfds, bool Make) Tags(ReadOnlySpan<byte> head)
    {
        var little = head[0] == 'I';
        (bool Dng, bool SubIfds, bool Make) found = default;
        if (head.Length < 8) return found;
        var directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) : BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        if (directory > head.Length - 2) return found;
        var entries = head[(int)directory..];
        var count = Read(entries, little);
        entries = entries[2..];
        for (var i = 0; i < count && entries.Length >= EntryLength; i++, entries = entries[EntryLength..])
        {
            var tag = Read(entries, little);
            found.Dng |= tag == DngVersionTag;
            found.SubIfds |= tag == SubIfdsTag;
            found.Make |= tag == MakeTag;
        }

        return found;
    }

    private static ushort Read(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
