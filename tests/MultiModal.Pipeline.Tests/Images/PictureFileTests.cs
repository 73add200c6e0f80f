using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class PictureFileTests
{
    [Fact]
    public void A_png_is_read_without_its_pixels() => Assert.Equal(new PictureFile("image/png", 96, 64), PictureFile.Read(Png.Noise()));

    [Fact]
    public void A_jpeg_is_read_without_its_pixels()
    {
        var picture = PictureFile.Read(TestImage.Jpeg(1, 320, 240));
        Assert.Equal((new PictureFile("image/jpeg", 320, 240), ".jpg"), (picture, picture!.Extension));
    }

    /// <summary>Whatever is missing, of the head, the pixels or the end.</summary>
    [Fact]
    public void A_picture_that_ends_early_is_none()
    {
        foreach (var whole in new[] { Png.Noise(), TestImage.Jpeg(1, 320, 240) })
        {
            Assert.NotNull(PictureFile.Read(whole));
            for (var length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 97)) Assert.Null(PictureFile.Read(whole.AsSpan(0, length)));
            Assert.Null(PictureFile.Read(whole.AsSpan(0, whole.Length - 1)));
        }
    }

    [Fact]
    public void Bytes_that_only_begin_like_a_picture_are_none()
    {
        Assert.Null(PictureFile.Read("<html></html>"u8));
        Assert.Null(PictureFile.Read([0xFF, 0xD8, 0xFF, 0xD9]));
        Assert.Null(PictureFile.Read([0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x01, 0xFF, 0xD9]));
        var withoutPixels = Png.Grey(8, 8);
        var data = withoutPixels.AsSpan().IndexOf("IDAT"u8);
        withoutPixels[data] = (byte)'i';
        Assert.Null(PictureFile.Read(withoutPixels));
        var withoutSize = Png.Grey(8, 8);
        withoutSize.AsSpan(16, 4).Clear();
        Assert.Null(PictureFile.Read(withoutSize));
    }
}
