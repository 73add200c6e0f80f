using System.Buffers.Binary;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// What the directories of a TIFF say about its pages (TIFF 6.0, section 2; BigTIFF of libtiff). Only tags are read, and no pixels: a page that is a
/// smaller copy of another, or a mask, is no page to look at.
/// </summary>
internal static class TiffDirectories
{
    private const int SubfileType = 254, BitsPerSample = 258, Compression = 259, Photometric = 262;

    /// <summary>Value of <see cref="SubfileType"/>: a smaller copy, and a mask.</summary>
    private const uint IsSmaller = 1, IsMask = 4;

    private const int MostEntries = 4096;

    /// <param name="path">The file.</param>
    /// <param name="most">Directories that are read at most.</param>
    /// <returns>The pages in order; none if the file is not as the format says.</returns>
    public static IReadOnlyList<TiffPage> Read(string path, int most)
    {
        try
        {
            using var file = File.OpenRead(path);
            return [.. Directories(file, most).Where(page => (page.Subfile & (IsSmaller | IsMask)) == 0)];
        }
        catch (EndOfStreamException)
        {
            return [];
        }
    }

    private static List<TiffPage> Directories(FileStream file, int most)
    {
        var head = Bytes(file, 0, 16);
        var reader = new Numbers(IsLittle: head[0] == 'I', IsBig: head[head[0] == 'I' ? 2 : 3] == '+');
        var pages = new List<TiffPage>();
        var seen = new HashSet<long>();
        for (var at = reader.IsBig ? reader.Long(head.AsSpan(8)) : reader.Int(head.AsSpan(4)); at > 0 && pages.Count < most && seen.Add(at);)
        {
            var (page, next) = Directory(file, at, pages.Count, reader);
            pages.Add(page);
            at = next;
        }

        return pages;
    }

    private static (TiffPage Page, long Next) Directory(FileStream file, long at, int index, Numbers reader)
    {
        var (countLength, entryLength, nextLength) = reader.IsBig ? (8, 20, 8) : (2, 12, 4);
        var count = reader.IsBig ? reader.Long(Bytes(file, at, 8)) : reader.Short(Bytes(file, at, 2));
        if (count is <= 0 or > MostEntries) throw new EndOfStreamException();
        var entries = Bytes(file, at + countLength, ((int)count * entryLength) + nextLength);
        var page = new TiffPage(index, Subfile: 0, Bits: 1, Compression: 1, Photometric: 0);
        for (var entry = entries.AsSpan(); entry.Length > nextLength; entry = entry[entryLength..])
        {
            page = reader.Short(entry) switch
            {
                SubfileType => page with { Subfile = (uint)reader.Value(entry) },
                BitsPerSample => page with { Bits = FirstOf(file, entry, reader) },
                Compression => page with { Compression = (int)reader.Value(entry) },
                Photometric => page with { Photometric = (int)reader.Value(entry) },
                _ => page,
            };
        }

        var last = entries.AsSpan(entries.Length - nextLength);
        return (page, reader.IsBig ? reader.Long(last) : reader.Int(last));
    }

    /// <summary>The first of several short numbers, which are elsewhere in the file where they do not fit into the entry.</summary>
    private static int FirstOf(FileStream file, ReadOnlySpan<byte> entry, Numbers reader)
    {
        var count = reader.IsBig ? reader.Long(entry[4..]) : reader.Int(entry[4..]);
        if (2 * count <= (reader.IsBig ? 8 : 4)) return (int)reader.Value(entry);
        return reader.Short(Bytes(file, reader.IsBig ? reader.Long(entry[12..]) : reader.Int(entry[8..]), 2));
    }

    private static byte[] Bytes(FileStream file, long at, int count)
    {
        if (at < 0 || at > file.Length) throw new EndOfStreamException();
        var bytes = new byte[count];
        file.Position = at;
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Numbers in the byte order of a file.</summary>
    private readonly record struct Numbers(bool IsLittle, bool IsBig)
    {
        public int Short(ReadOnlySpan<byte> bytes) =>
            IsLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

        public long Int(ReadOnlySpan<byte> bytes) =>
            IsLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

        public long Long(ReadOnlySpan<byte> bytes) =>
            IsLittle ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : BinaryPrimitives.ReadInt64BigEndian(bytes);

        /// <summary>The value of an entry that is one short (type 3) or long number.</summary>
        public long Value(ReadOnlySpan<byte> entry)
        {
            var value = entry[(IsBig ? 12 : 8)..];
            return Short(entry[2..]) == 3 ? Short(value) : Int(value);
        }
    }
}

/// <summary>A page of a TIFF.</summary>
/// <param name="Directory">Its directory in the file, from 0.</param>
/// <param name="Subfile">Flags that say what it is.</param>
/// <param name="Bits">Bits of a sample.</param>
/// <param name="Compression">How its pixels are coded.</param>
/// <param name="Photometric">What its samples mean.</param>
internal sealed record TiffPage(int Directory, uint Subfile, int Bits, int Compression, int Photometric)
{
    private const int OldJpeg = 6, Lab = 8, IccLab = 9;

    private static readonly Failure OldStyle = new(
        FailureCodes.UnsupportedImage,
        "The page of this TIFF is coded as JPEG in the way of TIFF 6.0, which was given up and is read by few programs. Export it anew.");

    /// <summary>Whether ImageMagick reads the page, and libvips does not, or not in its colours.</summary>
    public bool NeedsMagick => Photometric is Lab or IccLab || Bits is not (1 or 2 or 4 or 8 or 16 or 32 or 64);

    /// <summary>Why the page is not read; null if it is.</summary>
    public Failure? Unread => Compression == OldJpeg ? OldStyle : null;
}
