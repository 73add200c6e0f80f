using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokens;

namespace MultiModal.Decoder.Pdf;

/// <summary>
/// Reads JBIG2 (ITU-T T.88) that is one picture in MMR coding, as fax machines and simple scanners make it. That coding is the one of a Group 4 fax.
/// poppler 22.12 loses lines of it (two passes in a row), and everything else in JBIG2 it reads.
/// </summary>
internal static class Jbig2Mmr
{
    private const int PageInformation = 48;
    private const int GenericRegion = 38;
    private const int LosslessGenericRegion = 39;
    private const int EndOfPage = 49;
    private const int EndOfFile = 51;
    private const int Extension = 62;

    /// <summary>Length of the information that precedes the data of a region (7.4.1, 7.4.6.2).</summary>
    private const int RegionHeader = 18;

    /// <param name="segments">The segments, as a PDF embeds them (annex D.3).</param>
    /// <param name="width">Width that the PDF states.</param>
    /// <param name="height">Height that the PDF states.</param>
    /// <returns>The picture as PNG; null if it is of another kind, or damaged.</returns>
    public static byte[]? ToPng(ReadOnlySpan<byte> segments, int width, int height)
    {
        var hasPage = false;
        var mmr = ReadOnlySpan<byte>.Empty;
        while (!segments.IsEmpty)
        {
            if (!TryReadHeader(segments, out var type, out var header, out var length) || length > segments.Length - header) return null;
            var data = segments.Slice(header, length);
            segments = segments[(header + length)..];
            switch (type)
            {
                case PageInformation when !hasPage && HasSize(data, width, height) && data.Length > 16 && (data[16] & 0b100) == 0:
                    hasPage = true;
                    break;
                case GenericRegion or LosslessGenericRegion when hasPage && mmr.IsEmpty && IsWholePage(data, width, height):
                    mmr = data[RegionHeader..];
                    break;
                case EndOfPage or EndOfFile or Extension:
                    break;
                default:
                    return null;
            }
        }

        return mmr.IsEmpty ? null : Png(Unpack(mmr, width, height), width, height);
    }

    /// <summary>Reads a segment header (7.2) of a segment that refers to no others.</summary>
    private static bool TryReadHeader(ReadOnlySpan<byte> segment, out int type, out int header, out int length)
    {
        (type, header, length) = (0, 0, 0);
        if (segment.Length < 6) return false;
        type = segment[4] & 0x3F;
        var refersToOthers = segment[5] >> 5 != 0;
        var pageBytes = (segment[4] & 0x40) == 0 ? 1 : 4;
        header = 6 + pageBytes + 4;
        if (refersToOthers || segment.Length < header) return false;
        length = BinaryPrimitives.ReadInt32BigEndian(segment[(header - 4)..]);
        return length >= 0;
    }

    private static bool HasSize(ReadOnlySpan<byte> data, int width, int height) =>
        data.Length >= 8 && BinaryPrimitives.ReadInt32BigEndian(data) == width && BinaryPrimitives.ReadInt32BigEndian(data[4..]) == height;

    /// <summary>Whether the region is in MMR coding and painted on the whole page.</summary>
    private static bool IsWholePage(ReadOnlySpan<byte> data, int width, int height) =>
        data.Length > RegionHeader && HasSize(data, width, height)
        && BinaryPrimitives.ReadInt64BigEndian(data[8..]) == 0 && (data[16] & 7) is 0 or 4 && (data[RegionHeader - 1] & 1) == 1;

    /// <summary>Decodes the data as the fax that it is.</summary>
    private static ReadOnlySpan<byte> Unpack(ReadOnlySpan<byte> mmr, int width, int height)
    {
        var parameters = new DictionaryToken(new Dictionary<NameToken, IToken>
        {
            [NameToken.K] = new NumericToken(-1),
            [NameToken.Columns] = new NumericToken(width),
            [NameToken.Rows] = new NumericToken(height),
        });
        var dictionary = new DictionaryToken(new Dictionary<NameToken, IToken>
        {
            [NameToken.Filter] = NameToken.CcittfaxDecode,
            [NameToken.DecodeParms] = parameters,
        });
        var provider = DefaultFilterProvider.Instance;
        return provider.GetNamedFilters([NameToken.CcittfaxDecode])[0].Decode(mmr.ToArray(), dictionary, provider, 0).Span;
    }

    /// <summary>Writes rows of packed pixels as PNG, in which 0 is black as well.</summary>
    private static byte[]? Png(ReadOnlySpan<byte> rows, int width, int height)
    {
        var stride = (width + 7) / 8;
        if (rows.Length < (long)stride * height) return null;
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var row = 0; row < height; row++)
            {
                zlib.WriteByte(0);
                zlib.Write(rows.Slice(row * stride, stride));
            }
        }

        byte[] header = [.. Number(width), .. Number(height), 1, 0, 0, 0, 0];
        return [0x89, .. "PNG\r\n\u001A\n"u8, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, packed.ToArray()), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] content = [.. type, .. data];
        return [.. Number(data.Length), .. content, .. Number((int)Crc32.HashToUInt32(content))];
    }

    private static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
