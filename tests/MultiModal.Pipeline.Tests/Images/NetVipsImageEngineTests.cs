using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class NetVipsImageEngineTests : ImageEngineContract
{
    private static readonly NetVipsImageEngine Shared = new(Decoders.Usual);

    protected override IImageEngine Engine => Shared;

    [Fact]
    public void The_identity_names_libvips_and_its_version() => Assert.Matches(@"^libvips \d+\.\d+\.\d+", Shared.Identity);

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("plain.png")]
    [InlineData("still.gif")]
    public async Task The_readable_part_of_a_truncated_image_is_used_if_the_request_allows_it(string name)
    {
        var file = await MakeAsync(name);
        var whole = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, whole[..(whole.Length * 8 / 10)]);
        var request = new OptimizeRequest(160, 1_000_000, 85, AllowPartial: true);
        var image = (await Engine.OptimizeAsync(file, request, CancellationToken.None)).Value;
        Assert.Equal((160, 100, 320, 200), (image.Width, image.Height, image.OriginalWidth, image.OriginalHeight));
        Assert.Equal("The image is damaged; what could be decoded was looked at.", image.Note);
        Assert.Equal(
            FailureCodes.CorruptImage,
            (await Engine.OptimizeAsync(file, request with { AllowPartial = false }, CancellationToken.None)).Failure?.Code);
    }

    [Fact]
    public async Task A_HEIC_that_needs_more_memory_than_allowed_fails_and_says_what_to_do()
    {
        var file = await MakeAsync("large.heic");
        var decoder = Decoders.With(new DecoderOptions { MaxMegabytes = 128 });
        using var engine = new NetVipsImageEngine(decoder);
        var failure = (await engine.OptimizeAsync(file, new OptimizeRequest(1024, 200_000_000, 85), CancellationToken.None)).Failure;
        Assert.Equal(FailureCodes.ImageTooLarge, failure?.Code);
        Assert.Contains("Decoder:MaxMegabytes (128)", failure?.Message, StringComparison.Ordinal);
    }
}
