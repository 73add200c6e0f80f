using System.Buffers.Binary;
using System.Text;

namespace MultiModal.Pipeline.Content;

/// <summary>Files of the ISO base media format (ISO/IEC 14496-12), distinguished by their brands (mp4ra.org, "Brands").</summary>
internal static class IsoMedia
{
    public static string? MediaType(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12) return null;
        var size = BinaryPrimitives.ReadUInt32BigEndian(head);
        var type = head.Slice(4, 4);
        if (!type.SequenceEqual("ftyp"u8)) return IsOldQuickTime(head, size, type) ? "video/quicktime" : null;
        if (size < 12 || size % 4 != 0 || size > 4096) return null;

        var major = Brand(head[8..]);
        var compatible = new HashSet<string> { major };
        for (var i = 16; i + 4 <= Math.Min(size, (uint)head.Length); i += 4) compatible.Add(Brand(head[i..]));
        return Image(major) ?? major switch
        {
            // Structural brands describe how the file is built, and not how its pictures are coded.
            "mif1" or "mif2" or "miaf" or "msf1" or "1pic" => compatible.Select(Image).FirstOrDefault(image => image is not null) ?? "image/heif",
            "M4A " or "M4B " or "M4P " or "F4A " or "F4B " => "audio/mp4",
            "qt  " => "video/quicktime",
            "jp2 " or "jpx " or "jpm " or "jxl " => null,
            _ when major.StartsWith("3g", StringComparison.OrdinalIgnoreCase) => "video/3gpp",
            // A brand of its maker's own, of which those that it is compatible with say what it is.
            _ when compatible.Select(Image).FirstOrDefault(image => image is not null) is { } image => image,
            _ when compatible.Overlaps(["mif1", "mif2", "miaf", "msf1", "heif"]) => "image/heif",
            _ => "video/mp4",
        };
    }

    private static string? Image(string brand) => brand switch
    {
        "avif" or "avis" => "image/avif",
        "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx" or "hevm" or "hevs" => "image/heic",
        _ => null,
    };

    /// <summary>QuickTime files from before the file type box (QuickTime File Format, "The Movie Atom") begin with any of these.</summary>
    private static bool IsOldQuickTime(ReadOnlySpan<byte> head, uint size, ReadOnlySpan<byte> type) =>
        size is 1 or >= 8
        && (type.SequenceEqual("moov"u8) || type.SequenceEqual("mdat"u8) || type.SequenceEqual("wide"u8)
            || ((type.SequenceEqual("free"u8) || type.SequenceEqual("skip"u8)) && size < head.Length - 8
            && (head.HasAt((int)size + 4, "moov"u8) || head.HasAt((int)size + 4, "mdat"u8))));

    private static string Brand(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes[..4]);
}
