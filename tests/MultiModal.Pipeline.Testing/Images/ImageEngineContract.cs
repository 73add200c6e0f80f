using System.Text;
using MultiModal.Pipeline.Images;
using NetVips;

namespace MultiModal.Pipeline.Testing.Images;

/// <summary>
/// What every image engine must do, on files that other programs made. The picture has a red, a green, a blue and a
/// yellow quarter (from the top left, as one reads), 320 x 200 pixels, so every turn, flip and change of colour shows.
/// </summary>
public abstract class ImageEngineContract : IDisposable
{
    private static readonly OptimizeRequest Usual = new(MaxEdge: 160, MaxPixels: 1_000_000, JpegQuality: 85);

    private readonly TemporaryFolder folder = new();

    protected abstract IImageEngine Engine { get; }

    /// <summary>Whether the engine reads a format, by the extension of its files. What it does not read it must refuse by name.</summary>
    protected virtual bool Reads(string extension) => true;

    public void Dispose()
    {
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    public static TheoryData<string> Formats { get; } =
    [
        "baseline.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "444.jpg",
        "plain.png", "palette.png", "16bit.png", "grey16.png", "interlaced.png", "1bit.png",
        "still.gif", "lossy.webp", "lossless.webp",
        "none.tiff", "lzw.tiff", "deflate.tiff", "jpeg.tiff", "16bit.tiff", "cmyk.tiff", "tiled.tiff", "bigendian.tiff",
        "24bit.bmp", "8bit.bmp", "32bit.bmp",
        "still.avif", "still.heic", "phone.heic",
    ];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Every_format_comes_out_upright_in_its_colours(string name)
    {
        if (await IsRefusedAsync(name)) return;
        var image = await OptimizedAsync(await MakeAsync(name));
        Assert.Equal((160, 100, 320, 200), (image.Width, image.Height, image.OriginalWidth, image.OriginalHeight));
        Assert.Null(image.Note);
        AssertQuarters(
            image, isGrey: name.StartsWith("grey", StringComparison.Ordinal) || name.StartsWith("1bit", StringComparison.Ordinal),
            tolerance: name.StartsWith("cmyk", StringComparison.Ordinal) ? 140 : 14);
    }

    [Theory]
    [InlineData("plain.png")]
    [InlineData("baseline.jpg")]
    [InlineData("24bit.bmp")]
    public async Task Tiles_are_cut_where_the_plan_says(string name)
    {
        if (await IsRefusedAsync(name)) return;
        var plan = new TilePlan(0.5, [new(0, 0, 160, 200, ImageDetail.Low), new(160, 100, 160, 100, ImageDetail.High)], Tokens: 0);
        var cut = (await Engine.CutAsync(await MakeAsync(name), Usual, _ => plan, CancellationToken.None)).Value;
        Assert.Equal((320, 200), (cut.Width, cut.Height));
        Assert.Equal([(80, 100), (80, 50)], cut.Tiles.Select(tile => (tile.Width, tile.Height)));
        using var left = Image.NewFromBuffer(cut.Tiles[0].Bytes.ToArray());
        using var corner = Image.NewFromBuffer(cut.Tiles[1].Bytes.ToArray());
        Assert.Equal((80, 100, 80, 50), (left.Width, left.Height, corner.Width, corner.Height));
        // A red quarter above a blue one, and the yellow one.
        Assert.True(left[40, 20] is [> 200, < 60, < 60, ..]);
        Assert.True(left[40, 80] is [< 60, < 60, > 200, ..]);
        Assert.True(corner[40, 25] is [> 200, > 200, < 60, ..]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_truncated_file_is_corrupt(string name)
    {
        if (await IsRefusedAsync(name)) return;
        var whole = await File.ReadAllBytesAsync(await MakeAsync(name));
        var file = folder["half"];
        await File.WriteAllBytesAsync(file, whole[..(whole.Length * 6 / 10)]);
        await AssertFailsAsync(file, FailureCodes.CorruptImage);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task An_image_over_the_pixel_limit_is_refused(string name)
    {
        if (await IsRefusedAsync(name)) return;
        var file = await MakeAsync(name);
        await AssertFailsAsync(file, FailureCodes.ImageTooLarge, Usual with { MaxPixels = (320 * 200) - 1 });
        Assert.True((await Engine.OptimizeAsync(file, Usual with { MaxPixels = 320 * 200 }, default)).Succeeded);
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(2, "-flop")]
    [InlineData(3, "-rotate 180")]
    [InlineData(4, "-flip")]
    [InlineData(5, "-transpose")]
    [InlineData(6, "-rotate -90")]
    [InlineData(7, "-transverse")]
    [InlineData(8, "-rotate 90")]
    public async Task Orientation_is_applied(int orientation, string stored)
    {
        var file = folder["turned.jpg"];
        await Tool.ImageMagickAsync(
            [await ReferenceAsync(), .. stored.Split(' ', StringSplitOptions.RemoveEmptyEntries), "+repage", "-quality", "95", file]);
        await Tool.ExiftoolAsync("-q", "-overwrite_original", $"-Orientation#={orientation}", file);
        var image = await OptimizedAsync(file);
        Assert.Equal((160, 100, 320, 200), (image.Width, image.Height, image.OriginalWidth, image.OriginalHeight));
        AssertQuarters(image, isGrey: false, tolerance: 14);
    }

    [Theory]
    [InlineData("animated.gif", "-delay", "10", "Only the first of 2 frames was looked at.")]
    [InlineData("animated.webp", "-delay", "10", "Only the first of 2 frames was looked at.")]
    [InlineData("pages.tiff", "-compress", "LZW", null)]
    public async Task Only_the_first_frame_or_page_is_used_and_the_note_says_so(string name, string option, string value, string note)
    {
        var file = folder[name];
        if (name.EndsWith(".webp", StringComparison.Ordinal))
        {
            await Tool.ImageMagickAsync(await ReferenceAsync(), "(", "+clone", "-negate", ")", folder["frame%d.png"]);
            await Tool.FfmpegAsync("-framerate", "2", "-i", folder["frame%d.png"], "-c:v", "libwebp_anim", "-lossless", "1", file);
        }
        else
        {
            await Tool.ImageMagickAsync(await ReferenceAsync(), "(", "+clone", "-negate", ")", option, value, file);
        }

        if (!IsRead(name))
        {
            await AssertFailsAsync(file, FailureCodes.UnsupportedImage);
            return;
        }

        var image = await OptimizedAsync(file);
        Assert.Equal(note, image.Note);
        await AssertFailsAsync(file, FailureCodes.ImageTooLarge, Usual with { MaxFrames = 1 });
        Assert.Equal((320, 200), (image.OriginalWidth, image.OriginalHeight));
        AssertQuarters(image, isGrey: false, tolerance: 14);
    }

    [Fact]
    public async Task The_frames_of_a_GIF_are_counted_against_the_limit()
    {
        // One dot and fifty frames of it, each behind a comment.
        byte[] frame = [0x21, 0xFE, 2, (byte)'h', (byte)'i', 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0];
        byte[] screen = [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 255];
        var file = folder["fifty.gif"];
        await File.WriteAllBytesAsync(file, [.. screen, .. Enumerable.Repeat(frame, 50).SelectMany(bytes => bytes), 0x3B]);
        await AssertFailsAsync(file, FailureCodes.ImageTooLarge, Usual with { MaxFrames = 49 });
        Assert.Equal("Only the first of 50 frames was looked at.", (await OptimizedAsync(file, Usual with { MaxFrames = 50 })).Note);
    }

    [Fact]
    public async Task The_first_frame_of_an_animated_WebP_lies_on_its_canvas()
    {
        var still = await File.ReadAllBytesAsync(await MakeAsync("lossless.webp"));
        var file = folder["canvas.webp"];
        await File.WriteAllBytesAsync(file, AnimatedWebp(still[12..], (320, 200), canvas: (400, 400), at: (80, 100)));
        var image = await OptimizedAsync(file);
        Assert.Equal((400, 400), (image.OriginalWidth, image.OriginalHeight));
        Assert.Equal("Only the first of 2 frames was looked at.", image.Note);
        using var decoded = Image.NewFromBuffer(image.Bytes.ToArray());
        Assert.Equal(0, decoded[3].Getpoint(16, 80)[0]);
        Assert.Equal(0, decoded[3].Getpoint(80, 20)[0]);
        Assert.Equal(255, decoded[3].Getpoint(80, 80)[0]);
        using var frame = decoded.ExtractArea(32, 40, 128, 80);
        AssertQuarters(image with { Bytes = frame.PngsaveBuffer() }, isGrey: false, tolerance: 14);
    }

    [Fact]
    public async Task Wide_gamut_colours_are_converted_to_sRGB()
    {
        using var red = Solid(200, 80, 60);
        using var wide = red.IccTransform("p3", inputProfile: "srgb");
        Assert.NotInRange(wide[0].Avg(), 197, 203);
        var file = folder["p3.png"];
        await File.WriteAllBytesAsync(file, wide.PngsaveBuffer());
        Assert.Contains("icc-profile-data", wide.GetFields());
        AssertColour((200, 80, 60), Pixel(await OptimizedAsync(file), 0.5, 0.5), 3);
    }

    [Fact]
    public async Task A_broken_colour_profile_is_ignored()
    {
        using var red = Solid(200, 80, 60);
        var jpeg = red.JpegsaveBuffer(q: 95, keep: Enums.ForeignKeep.None);
        byte[] segment = [.. Encoding.ASCII.GetBytes("ICC_PROFILE\0"), 1, 1, .. Noise(1000)];
        var file = folder["broken-profile.jpg"];
        await File.WriteAllBytesAsync(
            file, [.. jpeg[..2], 0xFF, 0xE2, (byte)((segment.Length + 2) >> 8), (byte)(segment.Length + 2), .. segment, .. jpeg[2..]]);
        AssertColour((200, 80, 60), Pixel(await OptimizedAsync(file), 0.5, 0.5), 3);
    }

    [Fact]
    public async Task No_metadata_survives_above_all_no_position()
    {
        foreach (var name in new[] { "baseline.jpg", "plain.png", "lossy.webp", "lzw.tiff", "still.heic" }.Where(IsRead))
        {
            var file = await MakeAsync(name);
            await Tool.ExiftoolAsync(
                "-q", "-overwrite_original", "-GPSLatitude=48.137", "-GPSLatitudeRef=N", "-GPSLongitude=11.575", "-GPSLongitudeRef=E",
                "-XMP:Creator=Erika Mustermann", "-EXIF:Artist=Erika Mustermann", "-EXIF:Make=Camera", "-XMP:Description=Secret place", file);
            Assert.Contains("GPS", await Tool.ExiftoolAsync("-G", "-a", file), StringComparison.Ordinal);
            var image = await OptimizedAsync(file);
            var sent = folder["sent"];
            await File.WriteAllBytesAsync(sent, image.Bytes.ToArray());
            var groups =
                (await Tool.ExiftoolAsync("-G", "-a", sent)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => line[..line.IndexOf(']')]).Distinct();
            Assert.Empty(groups.Except(["[ExifTool", "[File", "[JFIF", "[PNG", "[Composite"]));
            Assert.DoesNotContain("Mustermann", Encoding.Latin1.GetString(image.Bytes.Span), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(40, 30, 40, 30)]
    [InlineData(160, 160, 160, 160)]
    [InlineData(161, 50, 160, 50)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(3000, 1, 160, 1)]
    [InlineData(100, 400, 40, 160)]
    public async Task The_long_edge_is_limited_and_nothing_is_enlarged(int width, int height, int sentWidth, int sentHeight)
    {
        var file = folder["size.png"];
        await Tool.ImageMagickAsync("-size", $"{width}x{height}", "gradient:red-blue", file);
        var image = await OptimizedAsync(file);
        Assert.Equal((sentWidth, sentHeight, width, height), (image.Width, image.Height, image.OriginalWidth, image.OriginalHeight));
        using var decoded = Image.NewFromBuffer(image.Bytes.ToArray());
        Assert.Equal((sentWidth, sentHeight), (decoded.Width, decoded.Height));
    }

    [Theory]
    [InlineData(ImageTokenRule.Tile85, "high", 768, 512)]
    [InlineData(ImageTokenRule.Tile85, "low", 512, 341)]
    [InlineData(ImageTokenRule.Patch162, "high", 608, 405)]
    [InlineData(ImageTokenRule.Unknown, "auto", 600, 400)]
    public async Task The_tokens_that_are_paid_for_are_used(ImageTokenRule rule, string detail, int sentWidth, int sentHeight)
    {
        var file = folder["tokens.png"];
        await Tool.ImageMagickAsync("-size", "1500x1000", "gradient:red-blue", file);
        var image = await OptimizedAsync(file, new OptimizeRequest(600, 10_000_000, 85, rule, detail));
        Assert.Equal((sentWidth, sentHeight), (image.Width, image.Height));
    }

    [Fact]
    public async Task Alpha_that_some_pixel_uses_is_kept()
    {
        var file = folder["alpha.png"];
        await Tool.ImageMagickAsync(
            await ReferenceAsync(), "-alpha", "set", "-region", "160x100+0+0", "-channel", "A", "-evaluate", "set", "25%", "+region",
            $"png32:{file}");
        var image = await OptimizedAsync(file);
        Assert.Equal("image/png", image.MediaType);
        using var decoded = Image.NewFromBuffer(image.Bytes.ToArray());
        Assert.True(decoded.HasAlpha());
        Assert.InRange(decoded[3].Getpoint(40, 25)[0], 60, 68);
        Assert.Equal(255, decoded[3].Getpoint(140, 90)[0]);
    }

    [Fact]
    public async Task Alpha_that_no_pixel_uses_is_dropped()
    {
        var file = folder["opaque.png"];
        await Tool.ImageMagickAsync(await ReferenceAsync(), "-alpha", "opaque", $"png32:{file}");
        using var decoded = Image.NewFromBuffer((await OptimizedAsync(file)).Bytes.ToArray());
        Assert.False(decoded.HasAlpha());
    }

    [Fact]
    public async Task A_photograph_is_sent_as_JPEG()
    {
        var image = await OptimizedAsync(await PhotographAsync());
        Assert.Equal("image/jpeg", image.MediaType);
        Assert.True(image.Bytes.Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]));
    }

    [Fact]
    public async Task A_diagram_is_sent_as_PNG()
    {
        var file = folder["diagram.png"];
        await Tool.ImageMagickAsync(
            "-size", "1600x1000", "xc:white", "-fill", "#0067c0", "-draw", "rectangle 0,0 1600,60", "-fill", "#f3f3f3", "-draw",
            "rectangle 0,60 300,1000", "-fill", "black", "-draw", "rectangle 340,140 900,144", "-draw", "rectangle 340,200 780,204", file);
        var image = await OptimizedAsync(file, Usual with { MaxEdge = 1024, MaxPixels = 10_000_000 });
        Assert.Equal("image/png", image.MediaType);
        Assert.True(image.Bytes.Span.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47]));
    }

    [Fact]
    public async Task A_smooth_JPEG_stays_a_JPEG()
    {
        var file = folder["sky.jpg"];
        await Tool.ImageMagickAsync("-size", "1600x1200", "gradient:#80b0f0-#f0f8ff", "-quality", "90", file);
        Assert.Equal("image/jpeg", (await OptimizedAsync(file, Usual with { MaxPixels = 10_000_000 })).MediaType);
    }

    [Fact]
    public async Task A_flat_picture_is_sent_as_JPEG_where_that_is_smaller()
    {
        // Each pair of pixels is equal, and no pair is like another one.
        var file = folder["pairs.png"];
        await Tool.ImageMagickAsync(
            "-size", "80x120", "-seed", "3", "plasma:tan-steelblue", "-attenuate", "1", "+noise", "Gaussian", "-sample", "160x120!", file);
        Assert.Equal("image/jpeg", (await OptimizedAsync(file)).MediaType);
    }

    [Fact]
    public async Task Quality_makes_JPEGs_larger_or_smaller()
    {
        var file = await PhotographAsync();
        var fine = await OptimizedAsync(file, Usual with { JpegQuality = 95 });
        var coarse = await OptimizedAsync(file, Usual with { JpegQuality = 40 });
        Assert.True(coarse.Bytes.Length < fine.Bytes.Length / 2);
    }

    [Fact]
    public async Task The_same_image_makes_the_same_bytes_however_many_go_side_by_side()
    {
        var file = await PhotographAsync();
        var first = await OptimizedAsync(file);
        var others = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => OptimizedAsync(file))));
        Assert.All(others, other => Assert.True(other.Bytes.Span.SequenceEqual(first.Bytes.Span)));
    }

    [Fact]
    public async Task The_same_pixels_make_the_same_bytes_whatever_resolution_they_claim()
    {
        var (screen, print) = (folder["screen.png"], folder["print.png"]);
        await Tool.ImageMagickAsync(await ReferenceAsync(), "-units", "PixelsPerInch", "-density", "72", screen);
        await Tool.ImageMagickAsync(await ReferenceAsync(), "-units", "PixelsPerInch", "-density", "300", print);
        var (sent, sentFromPrint) = (await OptimizedAsync(screen), await OptimizedAsync(print));
        Assert.True(sent.Bytes.Span.SequenceEqual(sentFromPrint.Bytes.Span));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_misnamed_image_comes_out_the_same(string name)
    {
        if (await IsRefusedAsync(name)) return;
        var file = await MakeAsync(name);
        var named = await OptimizedAsync(file);
        var misnamed = folder[name.EndsWith(".jpg", StringComparison.Ordinal) ? "misnamed.png" : "misnamed.jpg"];
        File.Move(file, misnamed);
        var same = await OptimizedAsync(misnamed);
        Assert.True(named.Bytes.Span.SequenceEqual(same.Bytes.Span));
    }

    [Theory]
    [InlineData("plain.png", "photo.jpg")]
    [InlineData("baseline.jpg", "scan.heic")]
    [InlineData("24bit.bmp", "notes.txt")]
    [InlineData("still.heic", "IMG_0001")]
    [InlineData("lzw.tiff", "odd[page=7] %s.png")]
    public async Task A_misnamed_image_is_read_by_its_content(string name, string misnamed)
    {
        if (await IsRefusedAsync(name)) return;
        var file = await MakeAsync(name);
        File.Move(file, folder[misnamed]);
        AssertQuarters(await OptimizedAsync(folder[misnamed]), isGrey: false, tolerance: 14);
    }

    [Fact]
    public async Task A_damaged_image_is_corrupt()
    {
        foreach (var name in new[] { "plain.png", "lossy.webp", "none.tiff", "still.gif", "still.avif", "still.heic", "24bit.bmp" }.Where(IsRead))
        {
            var bytes = await File.ReadAllBytesAsync(await MakeAsync(name));
            Noise(bytes.Length - 20).CopyTo(bytes, 20);
            var file = folder["damaged"];
            await File.WriteAllBytesAsync(file, bytes);
            var outcome = await Engine.OptimizeAsync(file, Usual with { MaxPixels = 2_000_000_000 }, default);
            Assert.True(
                outcome.Failure?.Code is FailureCodes.CorruptImage or FailureCodes.ImageTooLarge or FailureCodes.UnknownFormat,
                $"{name}: {outcome.Failure}");
        }
    }

    [Fact]
    public async Task A_decompression_bomb_is_refused_by_its_header_alone()
    {
        var file = folder["bomb.png"];
        await File.WriteAllBytesAsync(file, Png.Claiming(60_000, 60_000));
        await AssertFailsAsync(file, FailureCodes.ImageTooLarge, Usual with { MaxPixels = 200_000_000 });
        await File.WriteAllBytesAsync(
            file,
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'9', (byte)'a', 0xFF, 0xFF, 0xFF, 0xFF, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C, 0,
                0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 2, 2, 0x4C, 1, 0, 0x3B]);
        await AssertFailsAsync(file, FailureCodes.ImageTooLarge, Usual with { MaxPixels = 200_000_000 });
    }

    [Fact]
    public async Task A_file_that_is_not_an_image_is_refused()
    {
        var file = folder["picture.jpg"];
        await File.WriteAllTextAsync(file, "Just a note.");
        await AssertFailsAsync(file, FailureCodes.UnsupportedImage);
        await File.WriteAllTextAsync(file, "<svg xmlns='http://www.w3.org/2000/svg'/>");
        await AssertFailsAsync(file, FailureCodes.UnsupportedSvg);
        await File.WriteAllBytesAsync(file, []);
        await AssertFailsAsync(file, FailureCodes.EmptyFile);
    }

    [Fact]
    public async Task Cancelling_is_not_a_failure()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var file = await MakeAsync("plain.png");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Engine.OptimizeAsync(file, Usual, cancelled.Token));
    }

    private bool IsRead(string name) => Reads(Path.GetExtension(name));

    /// <summary>True for a format that this engine does not read, once it has said so.</summary>
    private async Task<bool> IsRefusedAsync(string name)
    {
        if (IsRead(name)) return false;
        await AssertFailsAsync(await MakeAsync(name), FailureCodes.UnsupportedImage);
        return true;
    }

    protected async Task<string> MakeAsync(string name)
    {
        var (reference, file) = (await ReferenceAsync(), folder[name]);
        Task<string> MagickAsync(params string[] how) => Tool.ImageMagickAsync([reference, .. how]);
        await (name switch
        {
            "baseline.jpg" => MagickAsync("-quality", "95", "-interlace", "none", file),
            "progressive.jpg" => MagickAsync("-quality", "95", "-interlace", "JPEG", file),
            "grey.jpg" => MagickAsync("-colorspace", "Gray", "-quality", "95", file),
            "cmyk.jpg" => MagickAsync("-colorspace", "CMYK", "-quality", "95", file),
            "444.jpg" => MagickAsync("-sampling-factor", "4:4:4", "-quality", "95", file),
            "plain.png" => MagickAsync($"png24:{file}"),
            "palette.png" => MagickAsync("-colors", "64", $"png8:{file}"),
            "16bit.png" => MagickAsync("-depth", "16", $"png48:{file}"),
            "grey16.png" => MagickAsync("-colorspace", "Gray", "-depth", "16", "-define", "png:bit-depth=16", "-define", "png:color-type=0", file),
            "interlaced.png" => MagickAsync("-interlace", "PNG", file),
            "1bit.png" => MagickAsync(
                "-colorspace", "Gray", "-ordered-dither", "o8x8", "-define", "png:bit-depth=1", "-define", "png:color-type=0", file),
            "still.gif" => MagickAsync(file),
            "lossy.webp" => MagickAsync("-quality", "95", file),
            "lossless.webp" => MagickAsync("-define", "webp:lossless=true", file),
            "none.tiff" => MagickAsync("-compress", "None", file),
            "lzw.tiff" => MagickAsync("-compress", "LZW", file),
            "deflate.tiff" => MagickAsync("-compress", "Zip", file),
            "jpeg.tiff" => MagickAsync("-compress", "JPEG", "-quality", "95", file),
            "16bit.tiff" => MagickAsync("-depth", "16", "-compress", "LZW", file),
            "cmyk.tiff" => MagickAsync("-colorspace", "CMYK", "-compress", "LZW", file),
            "tiled.tiff" => MagickAsync("-define", "tiff:tile-geometry=64x64", "-compress", "LZW", file),
            "bigendian.tiff" => MagickAsync("-endian", "MSB", "-compress", "LZW", file),
            "24bit.bmp" => MagickAsync("-alpha", "off", "-type", "TrueColor", $"bmp3:{file}"),
            "8bit.bmp" => MagickAsync("-colors", "64", "-type", "Palette", $"bmp3:{file}"),
            "32bit.bmp" => MagickAsync("-alpha", "set", $"bmp:{file}"),
            "still.avif" => Tool.HeifEncAsync("-A", "-q", "90", reference, "-o", file),
            "large.heic" => LargeAsync(file),
            "still.heic" => Tool.HeifEncAsync("-q", "90", reference, "-o", file),
            "phone.heic" => PhoneHeic.WriteAsync(reference, folder, file),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        });
        return file;
    }

    /// <summary>36 megapixels of hardly anything, which is encoded fast and takes its place when it is decoded.</summary>
    private async Task<string> LargeAsync(string file)
    {
        await Tool.ImageMagickAsync("-size", "6000x6000", "xc:tan", folder["large.png"]);
        return await Tool.HeifEncAsync("-q", "20", "-p", "preset=ultrafast", folder["large.png"], "-o", file);
    }

    /// <summary>Four quarters under a little noise, so that no compression makes the file so small that half of it is nearly all.</summary>
    private async Task<string> ReferenceAsync()
    {
        var file = folder["reference.png"];
        if (!File.Exists(file))
        {
            await Tool.ImageMagickAsync(
                "-size", "320x200", "xc:red", "-fill", "#00b000", "-draw", "rectangle 160,0 319,99", "-fill", "blue", "-draw",
                "rectangle 0,100 159,199",
                "-fill", "yellow", "-draw", "rectangle 160,100 319,199", "-seed", "1", "-attenuate", "0.08", "+noise", "Uniform", "-strip",
                $"png24:{file}");
        }

        return file;
    }

    private async Task<string> PhotographAsync()
    {
        var file = folder["photo.jpg"];
        await Tool.ImageMagickAsync(
            "-size", "900x600", "-seed", "7", "plasma:tan-steelblue", "-attenuate", "0.15", "+noise", "Gaussian", "-quality", "92", file);
        return file;
    }

    private async Task<OptimizedImage> OptimizedAsync(string file, OptimizeRequest? request = null)
    {
        var outcome = await Engine.OptimizeAsync(file, request ?? Usual, CancellationToken.None);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome.Value;
    }

    private async Task AssertFailsAsync(string file, string code, OptimizeRequest? request = null)
    {
        var outcome = await Engine.OptimizeAsync(file, request ?? Usual, CancellationToken.None);
        Assert.False(outcome.Succeeded);
        Assert.Equal(code, outcome.Failure.Code);
        Assert.False(outcome.Failure.Retryable);
        Assert.DoesNotContain(folder.Path, outcome.Failure.Message, StringComparison.Ordinal);
    }

    private static void AssertQuarters(OptimizedImage image, bool isGrey, int tolerance)
    {
        (int R, int G, int B)[] colours = [(255, 0, 0), (0, 176, 0), (0, 0, 255), (255, 255, 0)];
        (double X, double Y)[] places = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
        for (var i = 0; i < colours.Length; i++)
        {
            var (r, g, b) = colours[i];
            var luma = (int)((0.2126 * r) + (0.7152 * g) + (0.0722 * b));
            AssertColour(isGrey ? (luma, luma, luma) : colours[i], Pixel(image, places[i].X, places[i].Y), tolerance);
        }
    }

    private static void AssertColour((int R, int G, int B) expected, (int R, int G, int B) actual, int tolerance) =>
        Assert.True(
            Math.Abs(expected.R - actual.R) <= tolerance && Math.Abs(expected.G - actual.G) <= tolerance
                && Math.Abs(expected.B - actual.B) <= tolerance,
            $"expected about {expected}, got {actual}");

    /// <summary>The mean colour of a fifth of the image around a place.</summary>
    private static (int R, int G, int B) Pixel(OptimizedImage image, double x, double y)
    {
        using var decoded = Image.NewFromBuffer(image.Bytes.ToArray());
        var (width, height) = (Math.Max(1, decoded.Width / 5), Math.Max(1, decoded.Height / 5));
        using var part = decoded.ExtractArea((int)(decoded.Width * x) - (width / 2), (int)(decoded.Height * y) - (height / 2), width, height);
        using var colours = part.Colourspace(Enums.Interpretation.Srgb);
        return ((int)colours[0].Avg(), (int)colours[1].Avg(), (int)colours[2].Avg());
    }

    private static Image Solid(double r, double g, double b)
    {
        using var black = Image.Black(64, 64, bands: 3);
        using var colour = black.Linear([1, 1, 1], [r, g, b], uchar: true);
        return colour.Copy(interpretation: Enums.Interpretation.Srgb);
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Two frames with the same pixels (RFC 9649, section 2.7.1).</summary>
    private static byte[] AnimatedWebp(byte[] pixels, (int Width, int Height) size, (int Width, int Height) canvas, (int X, int Y) at)
    {
        byte[] frame = [
            .. UInt24(at.X / 2), .. UInt24(at.Y / 2), .. UInt24(size.Width - 1), .. UInt24(size.Height - 1), .. UInt24(100), 0, .. pixels];
        byte[] chunks =
        [
            .. "WEBP"u8,
            .. Chunk("VP8X"u8, [0x12, 0, 0, 0, .. UInt24(canvas.Width - 1), .. UInt24(canvas.Height - 1)]),
            .. Chunk("ANIM"u8, [0, 0, 0, 0, 0, 0]),
            .. Chunk("ANMF"u8, frame),
            .. Chunk("ANMF"u8, frame),
        ];
        return Chunk("RIFF"u8, chunks);

        static byte[] UInt24(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];

        static byte[] Chunk(ReadOnlySpan<byte> name, byte[] content) =>
            [.. name, .. BitConverter.GetBytes(content.Length), .. content, .. new byte[content.Length % 2]];
    }
}
