using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class PictureSizeTests
{
    [Theory]
    [InlineData("1024x1024", 1024, 1024)]
    [InlineData("1024x640", 1024, 640)]
    [InlineData("3840x2160", 3840, 2160)]
    [InlineData("816x2448", 816, 2448)]
    public void A_size_that_models_make_is_read_and_written(string text, int width, int height)
    {
        Assert.True(PictureSize.TryParse(text, out var size));
        Assert.Equal((width, height, text), (size.Width, size.Height, size.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("auto")]
    [InlineData("1024")]
    [InlineData("1024X1024")]
    [InlineData(" 1024x1024")]
    [InlineData("1024x1024\n")]
    [InlineData("1030x1024")]
    [InlineData("1024x624")]
    [InlineData("3856x2160")]
    [InlineData("3840x2176")]
    [InlineData("800x2416")]
    [InlineData("99999x16")]
    public void Any_other_is_refused(string? text) => Assert.False(PictureSize.TryParse(text, out _));
}
