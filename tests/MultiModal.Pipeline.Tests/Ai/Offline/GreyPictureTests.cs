using MultiModal.Pipeline.Ai.Offline;

namespace MultiModal.Pipeline.Tests.Ai.Offline;

public sealed class GreyPictureTests
{
    private const int Width = 1_000;

    /// <summary>Lines of 40 rows with letters in the first 20.</summary>
    private static readonly GreyPicture Page = Lines(40_000);

    [Fact]
    public void A_picture_that_can_be_read_at_once_is_one_band()
    {
        var picture = Lines(12_000);
        Assert.Equal([(0, picture)], picture.Bands());
    }

    [Fact]
    public void Bands_are_small_enough_and_make_up_the_picture()
    {
        var bands = Page.Bands().ToList();
        Assert.All(bands, band => Assert.InRange(band.Band.Pixels.Length, 1, 12_000_000));
        Assert.InRange(bands.Count, 4, 7);
        Assert.Equal(Page.Pixels, bands.SelectMany(band => band.Band.Pixels));
        Assert.All(bands, band => Assert.Equal(band.Band.Pixels.Length, Width * band.Band.Height));
    }

    [Fact]
    public void Bands_are_cut_between_the_lines() =>
        Assert.All(Page.Bands().Skip(1), band => Assert.InRange(band.Top % 40, 20, 39));

    private static GreyPicture Lines(int height)
    {
        var pixels = new byte[Width * height];
        for (var at = 0; at < pixels.Length; at++) pixels[at] = (byte)(at / Width % 40 < 20 && at % 10 < 5 ? 0 : 255);
        return new GreyPicture(Width, height, pixels);
    }
}
