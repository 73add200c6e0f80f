using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class NetVipsImageEngineTests : ImageEngineContract
{
    private static readonly NetVipsImageEngine Shared = new(Decoders.Usual);

    protected override IImageEngine Engine => Shared;

    [Fact]
    public void The_identity_names_libvips_and_its_version() => Assert.Matches(@"^libvips \d+\.\d+\.\d+", Shared.Identity);
}
