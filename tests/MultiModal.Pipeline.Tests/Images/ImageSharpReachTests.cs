using System.Globalization;
using MultiModal.Decoder;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

/// <summary>
/// Files of formats that ImageSharp could read and is not to read. Whatever they are called, and whatever the decoder program is told
/// that they are, no code of ImageSharp sees them: a copy of the program that has no ImageSharp refuses them all the same, and cannot
/// read a JPEG.
/// </summary>
public sealed class ImageSharpReachTests : IDisposable
{
    private static readonly string[] Promised = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp"];

    private const int Damaged = (int)DecoderExit.Damaged;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string> Strangers { get; } = Cross(["tiff", "tga", "pbm"], ["jpg", "png", "gif", "webp", "bmp"]);

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task TIFF_TGA_and_PBM_never_reach_an_ImageSharp_decoder_also_when_misnamed(string format, string extension)
    {
        var file = await MakeAsync(format, $"picture.{extension}");
        var engine = new ImageSharpImageEngine(Decoders.Usual);
        var failure = (await engine.OptimizeAsync(file, new OptimizeRequest(160, 1_000_000, 85), CancellationToken.None)).Failure;
        Assert.True(failure?.Code is FailureCodes.UnsupportedImage or FailureCodes.UnknownFormat, failure?.ToString());

        var decoder = DecoderWithoutImageSharp();
        foreach (var mediaType in Promised) Assert.Equal(Damaged, (await ShrinkAsync(decoder, mediaType, file)).ExitCode);
    }

    [Fact]
    public async Task A_JPEG_is_read_by_ImageSharp_and_by_nothing_else()
    {
        var file = await MakeAsync("jpg", "picture.jpg");
        var with = await ShrinkAsync(AppContext.BaseDirectory, "image/jpeg", file);
        Assert.True(with.ExitCode == 0, with.Errors);
        var without = await ShrinkAsync(DecoderWithoutImageSharp(), "image/jpeg", file);
        Assert.NotEqual(0, without.ExitCode);
        Assert.Contains("SixLabors.ImageSharp", without.Errors, StringComparison.Ordinal);
    }

    private async Task<string> MakeAsync(string format, string name)
    {
        await Tool.ImageMagickAsync("-size", "32x20", "gradient:red-blue", "-compress", "None", $"{format}:{folder[name]}");
        return folder[name];
    }

    /// <summary>The program alone, without a single library.</summary>
    private string DecoderWithoutImageSharp()
    {
        var copy = Directory.CreateDirectory(folder["decoder"]).FullName;
        foreach (var name in new[] { "MultiModal.Decoder.dll", "MultiModal.Decoder.runtimeconfig.json" })
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), Path.Combine(copy, name));
        return copy;
    }

    /// <returns>How the program ended, and what it wrote to its standard error.</returns>
    private static async Task<(int ExitCode, string Errors)> ShrinkAsync(string decoder, string mediaType, string file)
    {
        var program = Path.Combine(decoder, "MultiModal.Decoder.dll");
        await using var process = ChildProcess.StartDotnet(program, ["shrink", mediaType, file, "16", "10", "85", "0.5", Memory]);
        return (await process.EndAsync(), await process.Errors);
    }

    private static string Memory => (1L << 30).ToString(CultureInfo.InvariantCulture);

    private static TheoryData<string, string> Cross(string[] formats, string[] extensions)
    {
        var all = new TheoryData<string, string>();
        foreach (var format in formats)
        {
            foreach (var extension in extensions) all.Add(format, extension);
        }

        return all;
    }
}
