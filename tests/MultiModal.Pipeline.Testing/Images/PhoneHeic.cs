using System.Buffers.Binary;
using System.Text;
using NetVips;

namespace MultiModal.Pipeline.Testing.Images;

/// <summary>
/// A HEIC built as an iPhone builds it, which heif-enc does not: a grid of HEVC tiles that is cut on the right and at the
/// bottom, stored on its side, turned upright by <c>irot</c> with an EXIF orientation that says the same once more (and
/// must not be applied), Display P3 as an ICC profile, and a thumbnail that is not the picture. Boxes after ISO/IEC 23008-12.
/// </summary>
public static class PhoneHeic
{
    private const int TileEdge = 128;
    private const ushort Exif = 900;
    private const ushort Grid = 901;
    private const ushort Thumbnail = 902;

    /// <summary>Writes <paramref name="upright"/> (sRGB) as such a file.</summary>
    public static async Task<string> WriteAsync(string upright, TemporaryFolder folder, string file)
    {
        using var picture = Image.NewFromFile(upright, access: Enums.Access.Random);
        using var turned = picture.Rot270();
        using var wide = turned.IccTransform("p3", inputProfile: "srgb");
        var profile = (byte[])wide.Get("icc-profile-data");
        var (columns, rows) = ((turned.Width + TileEdge - 1) / TileEdge, (turned.Height + TileEdge - 1) / TileEdge);
        using var padded = wide.Embed(0, 0, columns * TileEdge, rows * TileEdge, extend: Enums.Extend.Copy);

        var tiles = new List<EncodedImage>();
        for (var i = 0; i < columns * rows; i++)
        {
            using var tile = padded.Crop(i % columns * TileEdge, i / columns * TileEdge, TileEdge, TileEdge);
            tiles.Add(await EncodeAsync(tile, folder, $"tile{i}"));
        }

        using var black = Image.Black(64, 64, 3).Copy(interpretation: Enums.Interpretation.Srgb);
        var thumbnail = await EncodeAsync(black, folder, "thumbnail");
        await File.WriteAllBytesAsync(file, Assemble(tiles, thumbnail, columns, rows, turned.Width, turned.Height, profile));
        return file;
    }

    private static async Task<EncodedImage> EncodeAsync(Image image, TemporaryFolder folder, string name)
    {
        var (png, heic) = (folder[$"{name}.png"], folder[$"{name}.heic"]);
        image.Pngsave(png, keep: Enums.ForeignKeep.None);
        await Tool.HeifEncAsync("-q", "95", png, "-o", heic);
        return EncodedImage.Read(await File.ReadAllBytesAsync(heic));
    }

    private static byte[] Assemble(List<EncodedImage> tiles, EncodedImage thumbnail, int columns, int rows, int width, int height, byte[] profile)
    {
        byte[] exif = [0, 0, 0, 6, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        byte[] grid = [0, 0, (byte)(rows - 1), (byte)(columns - 1), .. U16(width), .. U16(height)];
        var tileIds = Enumerable.Range(1, tiles.Count).Select(i => (ushort)i).ToList();
        List<(ushort Id, byte[] Data)> coded = [.. tileIds.Zip(tiles, (id, tile) => (id, tile.Data)), (Thumbnail, thumbnail.Data), (Exif, exif)];

        // 1 hvcC of the tiles, 2 size of a tile, 3 profile, 4 size of the picture, 5 turn, 6 hvcC and 7 size of the thumbnail.
        byte[] properties =
        [
            .. tiles[0].Configuration, .. Size(TileEdge, TileEdge), .. Box("colr", [.. "prof"u8, .. profile]), .. Size(width, height),
            .. Box("irot", [3]), .. thumbnail.Configuration, .. Size(64, 64),
        ];
        const byte Essential = 0x80;
        byte[] associations =
        [
            .. U32(tiles.Count + 2),
            .. tileIds.SelectMany(id => (byte[])[.. U16(id), 3, Essential | 1, 2, 3]),
            .. U16(Grid), 3, 3, 4, Essential | 5,
            .. U16(Thumbnail), 3, Essential | 6, 7, Essential | 5,
        ];

        byte[] Meta(int dataStart)
        {
            var at = dataStart;
            var locations = coded.SelectMany(item =>
            {
                byte[] entry = [.. U16(item.Id), .. U16(0), .. U16(0), .. U16(1), .. U32(at), .. U32(item.Data.Length)];
                at += item.Data.Length;
                return entry;
            }).ToArray();
            return FullBox("meta", 0,
            [
                .. FullBox("hdlr", 0, [.. U32(0), .. "pict"u8, .. new byte[13]]),
                .. FullBox("pitm", 0, U16(Grid)),
                .. FullBox("iinf", 0,
                [
                    .. U16(coded.Count + 1),
                    .. tileIds.SelectMany(id => Item(id, "hvc1", hidden: true)), .. Item(Thumbnail, "hvc1"), .. Item(Exif, "Exif", hidden: true),
                    .. Item(Grid, "grid"),
                ]),
                .. FullBox("iref", 0,
                [
                    .. Box("dimg", [.. U16(Grid), .. U16(tiles.Count), .. tileIds.SelectMany(id => U16(id))]),
                    .. Box("thmb", [.. U16(Thumbnail), .. U16(1), .. U16(Grid)]),
                    .. Box("cdsc", [.. U16(Exif), .. U16(1), .. U16(Grid)]),
                ]),
                .. Box("iprp", [.. Box("ipco", properties), .. FullBox("ipma", 0, associations)]),
                .. Box("idat", grid),
                .. FullBox("iloc", 1,
                [
                    0x44, 0x00, .. U16(coded.Count + 1), .. locations,
                    .. U16(Grid), .. U16(1), .. U16(0), .. U16(1), .. U32(0), .. U32(grid.Length),
                ]),
            ]);
        }

        var type = Box("ftyp", [.. "heic"u8, .. U32(0), .. "mif1heic"u8]);
        var meta = Meta(type.Length + Meta(0).Length + 8);
        return [.. type, .. meta, .. Box("mdat", [.. coded.SelectMany(item => item.Data)])];
    }

    private static byte[] Item(ushort id, string kind, bool hidden = false) =>
        [.. Box("infe", [2, 0, 0, (byte)(hidden ? 1 : 0), .. U16(id), .. U16(0), .. Encoding.ASCII.GetBytes(kind), 0])];

    private static byte[] Size(int width, int height) => FullBox("ispe", 0, [.. U32(width), .. U32(height)]);

    private static byte[] FullBox(string kind, byte version, byte[] body) => Box(kind, [version, 0, 0, 0, .. body]);

    private static byte[] Box(string kind, byte[] body) => [.. U32(body.Length + 8), .. Encoding.ASCII.GetBytes(kind), .. body];

    private static byte[] U16(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] U32(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    /// <summary>Of a HEIC with one image: its decoder configuration (a whole <c>hvcC</c> box) and its coded bytes.</summary>
    private sealed record EncodedImage(byte[] Configuration, byte[] Data)
    {
        public static EncodedImage Read(byte[] file)
        {
            var configuration = file.AsSpan().IndexOf("hvcC"u8) - 4;
            var data = file.AsSpan().IndexOf("mdat"u8) - 4;
            return new(BoxAt(file, configuration), BoxAt(file, data)[8..]);
        }

        private static byte[] BoxAt(byte[] file, int start) => file[start..(start + BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(start)))];
    }
}
