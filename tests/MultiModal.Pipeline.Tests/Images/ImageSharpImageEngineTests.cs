using System.Buffers.Binary;
using MultiModal.Decoder.ImageSharp;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class ImageSharpImageEngineTests : ImageEngineContract
{
    private static readonly OptimizeRequest Usual = new(MaxEdge: 160, MaxPixels: 200_000_000, JpegQuality: 85);
    private static readonly ImageSharpImageEngine Shared = new(Decoders.Usual);

    protected override IImageEngine Engine => Shared;

    protected override bool Reads(string extension) => extension is ".jpg" or ".png" or ".gif" or ".webp" or ".bmp";

    [Fact]
    public void The_identity_names_ImageSharp_its_version_and_the_engines_own() => Assert.Equal("ImageSharp 2.1.13, r2", Shared.Identity);

    [Fact]
    public void Only_the_promised_formats_have_a_decoder() =>
        Assert.Equal(["BMP", "GIF", "JPEG", "PNG", "Webp"], ImageShrinker.Formats(1 << 20).ImageFormats.Select(f => f.Name).Order());

    [Fact]
    public async Task A_picture_that_needs_more_memory_than_allowed_fails_and_says_what_to_do()
    {
        // 400 MB of pixels in a file of 100 KB.
        using var folder = new TemporaryFolder();
        await Tool.FfmpegAsync("-f", "lavfi", "-i", "color=c=black:size=10000x10000", "-frames:v", "1", "-pix_fmt", "monob", folder["huge.png"]);
        Assert.True((await Engine.OptimizeAsync(folder["huge.png"], Usual, CancellationToken.None)).Succeeded);

        var decoder = Decoders.With(new DecoderOptions { MaxMegabytes = 128 });
        var failure = (await new ImageSharpImageEngine(decoder).OptimizeAsync(folder["huge.png"], Usual, CancellationToken.None)).Failure;
        Assert.Equal(FailureCodes.ImageTooLarge, failure?.Code);
        Assert.Contains("Decoder:MaxMegabytes (128)", failure?.Message, StringComparison.Ordinal);
    }

    /// <summary>GHSA-gwg2-r3hj-4w44: ImageSharp believes what a profile says of its table's size, once somebody asks for the entries.</summary>
    [Fact]
    public async Task A_colour_profile_that_claims_a_table_of_800_megabytes_is_ignored()
    {
        var jpeg = await File.ReadAllBytesAsync(await MakeAsync("baseline.jpg"));
        byte[] segment = [.. "ICC_PROFILE\0"u8, 1, 1, .. ProfileWithTable(inputs: 4, gridPoints: 100)];
        byte[] marker = [0xFF, 0xE2, (byte)((segment.Length + 2) >> 8), (byte)(segment.Length + 2)];
        using var file = new MemoryStream([.. jpeg[..2], .. marker, .. segment, .. jpeg[2..]]);
        var outline = ImageOutline.Read(file, "image/jpeg")!;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotNull(ImageShrinker.Shrink("image/jpeg", file, outline, new ShrinkRequest(160, 100, 85, 0.5), maxMemory: 1L << 30));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 100 << 20);
    }

    /// <summary>An RGB profile with one tag, A2B0 of type mft1 (ICC.1:2022, section 10.11), that has its input curves and not its table.</summary>
    private static byte[] ProfileWithTable(byte inputs, byte gridPoints)
    {
        const int tag = 144;
        var tagLength = 48 + (inputs * 256);
        var profile = new byte[tag + tagLength];
        BinaryPrimitives.WriteInt32BigEndian(profile, profile.Length);
        profile[8] = 2;
        "mntrRGB XYZ "u8.CopyTo(profile.AsSpan(12));
        "acsp"u8.CopyTo(profile.AsSpan(36));
        profile[131] = 1;
        "A2B0"u8.CopyTo(profile.AsSpan(132));
        BinaryPrimitives.WriteInt32BigEndian(profile.AsSpan(136), tag);
        BinaryPrimitives.WriteInt32BigEndian(profile.AsSpan(140), tagLength);
        "mft1"u8.CopyTo(profile.AsSpan(tag));
        (profile[tag + 8], profile[tag + 9], profile[tag + 10]) = (inputs, 3, gridPoints);
        return profile;
    }
}
