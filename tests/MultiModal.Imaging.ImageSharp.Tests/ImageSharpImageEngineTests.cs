using MultiModal.Pipeline.Images;

namespace MultiModal.Imaging.ImageSharp.Tests;

public sealed class ImageSharpImageEngineTests : ImageEngineContract
{
    private static readonly ImageSharpImageEngine Shared = new();

    protected override IImageEngine Engine => Shared;

    protected override bool Reads(string extension) => extension is not (".avif" or ".heic");

    [Fact]
    public void The_identity_names_ImageSharp_and_its_version() => Assert.Matches(@"^ImageSharp 3\.\d+\.\d+, r\d+$", Shared.Identity);
}
