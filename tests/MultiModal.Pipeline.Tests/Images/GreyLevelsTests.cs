using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class GreyLevelsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(131)]
    public void Colours_count_as_bright_as_they_look(int width)
    {
        var row = new byte[3 * width];
        new Random(width).NextBytes(row);
        var expected = Enumerable.Range(0, width).Select(x => (byte)(((77 * row[3 * x]) + (150 * row[(3 * x) + 1]) + (29 * row[(3 * x) + 2])) >> 8));
        Assert.Equal(expected, Read(row, 3, width));
    }

    [Fact]
    public void White_is_white_and_black_is_black_in_any_number_of_bands()
    {
        byte[] row = [255, 255, 255, 255, 255, 255, 0, 0, 0, 255, 0, 0];
        Assert.Equal([255, 255, 0, 76], Read(row, 3, 4));
        Assert.Equal([255, 0], Read([255, 0], 1, 2));
        Assert.Equal([255, 0, 255], Read([255, 255, 0, 255, 0, 0], 2, 3));
        Assert.Equal([0, 255, 127], Read([0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 128], 4, 3));
    }

    private static byte[] Read(byte[] row, int bands, int width)
    {
        var levels = new byte[width];
        GreyLevels.Read(row, bands, levels);
        return levels;
    }
}
