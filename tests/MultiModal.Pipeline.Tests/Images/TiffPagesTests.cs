using System.Buffers.Binary;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Images;
using NetVips;

namespace MultiModal.Pipeline.Tests.Images;

/// <summary>Pages of a TIFF, and pictures that other programs read although they are not as their format says.</summary>
public sealed class TiffPagesTests : IDisposable
{
    private static readonly OptimizeRequest Usual = new(MaxEdge: 160, MaxPixels: 1_000_000, JpegQuality: 85);

    private static readonly NetVipsImageEngine Engine = new(Decoders.Usual);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("-endian", "LSB")]
    [InlineData("-endian", "MSB")]
    public async Task Each_page_is_read_by_itself(string option, string value)
    {
        var file = folder["pages.tif"];
        await Tool.ImageMagickAsync("-size", "300x200", "xc:red", "(", "-size", "100x400", "xc:lime", ")", "xc:blue", option, value, file);
        var pages = await Task.WhenAll(Enumerable.Range(0, 3).Select(page => OptimizedAsync(file, page)));
        Assert.Equal([(300, 200, 3), (100, 400, 3), (100, 400, 3)], pages.Select(page => (page.OriginalWidth, page.OriginalHeight, page.Pages!.Value)));
        AssertColour(pages[0], 255, 0, 0);
        AssertColour(pages[1], 0, 255, 0);
        AssertColour(pages[2], 0, 0, 255);
        Assert.Equal(FailureCodes.CorruptImage, (await OptimizeAsync(file, page: 3)).Failure?.Code);
    }

    [Fact]
    public async Task A_smaller_copy_of_a_page_is_no_page()
    {
        var file = folder["copy.tif"];
        await Tool.ImageMagickAsync("-size", "300x200", "xc:red", "(", "-size", "30x20", "xc:red", ")", "(", "-size", "300x200", "xc:blue", ")", file);
        await SetSubfileTypeAsync(file, page: 1, type: 1);
        AssertColour(await OptimizedAsync(file, page: 1), 0, 0, 255);
        Assert.Equal(2, (await OptimizedAsync(file, page: 0)).Pages);
    }

    [Fact]
    public async Task JPEG_in_the_old_style_is_refused_by_name()
    {
        var file = folder["old.tif"];
        await File.WriteAllBytesAsync(file, await OldStyleAsync());
        Assert.Equal(FailureCodes.UnsupportedImage, (await OptimizeAsync(file)).Failure?.Code);
    }

    [Theory]
    [InlineData("lab.tif", "-colorspace", "Lab")]
    [InlineData("12bit.tif", "-depth", "12")]
    public async Task What_libvips_does_not_read_comes_out_in_its_colours(string name, string option, string value)
    {
        var file = folder[name];
        await Tool.ImageMagickAsync("-size", "300x200", "gradient:red-red", option, value, file);
        AssertColour(await OptimizedAsync(file), 255, 0, 0);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 17)]
    [InlineData(2, 99_999_999)]
    [InlineData(34, 5)]
    [InlineData(34, 99_999_999)]
    public async Task A_BMP_with_wrong_sizes_in_its_header_is_read(int at, int size)
    {
        var file = folder["sizes.bmp"];
        await Tool.ImageMagickAsync("-size", "300x200", "xc:red", "-type", "TrueColor", $"BMP3:{file}");
        var bytes = await File.ReadAllBytesAsync(file);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), size);
        await File.WriteAllBytesAsync(file, bytes);
        AssertColour(await OptimizedAsync(file), 255, 0, 0);
    }

    [Fact]
    public async Task A_BMP_of_OS_2_comes_out_in_its_colours()
    {
        var file = folder["os2.bmp"];
        await Tool.ImageMagickAsync("-size", "300x200", "xc:red", "-type", "TrueColor", $"BMP2:{file}");
        AssertColour(await OptimizedAsync(file), 255, 0, 0);
    }

    [Fact]
    public async Task A_BMP_of_OS_2_in_a_compression_of_its_own_is_refused()
    {
        var file = folder["rle24.bmp"];
        await Tool.ImageMagickAsync("-size", "300x200", "xc:red", "-type", "TrueColor", $"BMP3:{file}");
        var bytes = await File.ReadAllBytesAsync(file);
        // The header of OS/2 2.x has 64 bytes, and its compression 4 is RLE24, which is JPEG in a header of Windows.
        byte[] os2 = [.. bytes[..54], .. new byte[24], .. bytes[54..]];
        BinaryPrimitives.WriteInt32LittleEndian(os2.AsSpan(10), 78);
        BinaryPrimitives.WriteInt32LittleEndian(os2.AsSpan(14), 64);
        await File.WriteAllBytesAsync(file, os2);
        AssertColour(await OptimizedAsync(file), 255, 0, 0);
        foreach (var compression in new[] { 3, 4 })
        {
            BinaryPrimitives.WriteInt32LittleEndian(os2.AsSpan(30), compression);
            await File.WriteAllBytesAsync(file, os2);
            Assert.Equal(FailureCodes.UnsupportedImage, (await OptimizeAsync(file)).Failure?.Code);
        }
    }

    [Fact]
    public async Task The_first_frame_of_an_AVIF_sequence_is_read()
    {
        await Tool.ImageMagickAsync("-size", "300x200", "xc:red", folder["frame1.png"]);
        await Tool.ImageMagickAsync("-size", "300x200", "xc:blue", folder["frame2.png"]);
        var file = folder["sequence.avif"];
        await Tool.FfmpegAsync("-framerate", "2", "-i", folder["frame%d.png"], "-c:v", "libaom-av1", "-crf", "20", file);
        AssertColour(await OptimizedAsync(file), 255, 0, 0);
    }

    [Theory]
    [InlineData("mp41", "heic", "image/heic")]
    [InlineData("Nokx", "mif1", "image/heif")]
    [InlineData("isom", "avif", "image/avif")]
    [InlineData("isom", "mp42", "video/mp4")]
    public void A_HEIF_is_an_image_whatever_its_maker_calls_it(string major, string compatible, string mediaType)
    {
        byte[] head = [0, 0, 0, 20, .. "ftyp"u8, .. System.Text.Encoding.ASCII.GetBytes(major), 0, 0, 0, 0, .. System.Text.Encoding.ASCII.GetBytes(compatible)];
        Assert.Equal(mediaType, ContentSniffer.Sniff(head, "a", 1000).MediaType);
    }

    private async Task<byte[]> OldStyleAsync()
    {
        await Tool.ImageMagickAsync("-size", "64x64", "xc:red", "-quality", "90", folder["inside.jpg"]);
        var jpeg = await File.ReadAllBytesAsync(folder["inside.jpg"]);
        (int Tag, int Value)[] entries = [
            (256, 64), (257, 64), (258, 8), (259, 6), (262, 6), (273, 8), (277, 3), (278, 64), (279, jpeg.Length), (512, 1), (513, 8), (514, jpeg.Length)];
        var tiff = new List<byte>([.. "II*\0"u8, .. BitConverter.GetBytes(8 + jpeg.Length), .. jpeg, .. BitConverter.GetBytes((short)entries.Length)]);
        foreach (var (tag, value) in entries)
        {
            tiff.AddRange([.. BitConverter.GetBytes((short)tag), 4, 0, 1, 0, 0, 0, .. BitConverter.GetBytes(value)]);
        }

        return [.. tiff, 0, 0, 0, 0];
    }

    /// <summary>Writes the tag into the place of another that no reader needs: the software's name.</summary>
    private static async Task SetSubfileTypeAsync(string file, int page, int type)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        var at = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4));
        for (; page > 0; page--) at = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 2 + (12 * Count(at))));
        for (var entry = 0; entry < Count(at); entry++)
        {
            var place = bytes.AsSpan(at + 2 + (12 * entry), 12);
            if (BinaryPrimitives.ReadUInt16LittleEndian(place) != 254) continue;
            BinaryPrimitives.WriteInt32LittleEndian(place[8..], type);
            await File.WriteAllBytesAsync(file, bytes);
            return;
        }

        throw new InvalidOperationException("ImageMagick wrote no subfile type.");

        int Count(int directory) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(directory));
    }

    private static Task<Outcome<OptimizedImage>> OptimizeAsync(string file, int page = 0) =>
        Engine.OptimizeAsync(file, Usual with { Page = page }, CancellationToken.None);

    private static async Task<OptimizedImage> OptimizedAsync(string file, int page = 0) => (await OptimizeAsync(file, page)).Value;

    private static void AssertColour(OptimizedImage image, int red, int green, int blue)
    {
        using var decoded = Image.NewFromBuffer(image.Bytes.ToArray());
        var pixel = decoded[decoded.Width / 2, decoded.Height / 2];
        Assert.Equal([red, green, blue], pixel.Take(3).Select(level => (int)level), (a, b) => Math.Abs(a - b) < 14);
    }
}
