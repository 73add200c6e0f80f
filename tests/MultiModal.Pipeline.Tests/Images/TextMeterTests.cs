using MultiModal.Pipeline.Images;
using NetVips;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class TextMeterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(TextPictureKind.Screen)]
    [InlineData(TextPictureKind.DenseScreen)]
    [InlineData(TextPictureKind.Receipt)]
    [InlineData(TextPictureKind.Scan)]
    [InlineData(TextPictureKind.Slide)]
    public void The_height_of_an_x_is_measured_to_a_sixth(TextPictureKind kind)
    {
        var picture = TextPicture.Draw(kind, seed: 1, folder.Path);
        var found = Measure(picture.Path);
        Assert.InRange(found.Height / picture.Height, 5 / 6.0, 7 / 6.0);
        Assert.InRange(found.Letters / (double)picture.Text.Count(char.IsLetterOrDigit), 0.6, 1.3);
    }

    [Fact]
    public void Light_letters_in_boxes_among_dark_ones_count_as_lower_than_they_are()
    {
        var picture = TextPicture.Draw(TextPictureKind.Chat, seed: 1, folder.Path);
        Assert.InRange(Measure(picture.Path).Height / picture.Height, 0.68, 0.9);
    }

    [Fact]
    public void The_layout_has_the_lines_of_the_page_and_the_white_space_between_its_columns()
    {
        var picture = TextPicture.Draw(TextPictureKind.Screen, seed: 1, folder.Path);
        using var image = Image.NewFromFile(picture.Path);
        var layout = TextMeter.FindLayout(image, (2 * image.Width, 2 * image.Height));
        Assert.Equal((5120, 2880), (layout.Width, layout.Height));
        // A side bar and two columns.
        Assert.Equal(2, layout.Columns().Count(gap => gap.Length > 40));
        Assert.InRange(layout.Lines.Count, 60, 400);
        var column = layout.Columns().First(gap => gap.Length > 40).Middle;
        Assert.InRange(layout.Rows(layout.Letters, column, layout.Width).Count(), 30, 90);
    }

    [Fact]
    public void A_photograph_has_no_text() =>
        Assert.Equal(TextMeasure.None, Measure(TextPicture.Draw(TextPictureKind.Photo, seed: 1, folder.Path).Path));

    [Fact]
    public void Noise_has_no_text()
    {
        using var noise = Image.Gaussnoise(800, 600, sigma: 60, mean: 128, seed: 4);
        using var bytes = noise.Cast(Enums.BandFormat.Uchar);
        Assert.Equal(TextMeasure.None, TextMeter.Measure(bytes));
    }

    [Fact]
    public void Light_letters_on_a_dark_ground_are_measured_as_dark_ones_are()
    {
        using var dark = Lines(20);
        using var light = dark.Invert();
        Assert.Equal(TextMeter.Measure(dark).Height, TextMeter.Measure(light).Height, 0.5);
    }

    [Fact]
    public void The_smallest_letters_count_and_not_the_headline()
    {
        using var small = Lines(20);
        using var large = Lines(60);
        using var both = large.Join(small, Enums.Direction.Vertical, expand: true, background: [255]);
        Assert.Equal(TextMeter.Measure(small).Height, TextMeter.Measure(both).Height, 0.5);
        Assert.True(TextMeter.Measure(large).Height > 2.5 * TextMeter.Measure(both).Height);
    }

    [Fact]
    public void What_is_transparent_is_white()
    {
        using var letters = Lines(20);
        using var alpha = letters.Invert();
        using var black = letters.Linear([0], [0], uchar: true);
        using var clear = black.Bandjoin(alpha);
        Assert.Equal(TextMeter.Measure(letters).Height, TextMeter.Measure(clear).Height, 0.5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(40)]
    public void A_picture_that_is_lower_than_the_window_is_measured_too(int height)
    {
        using var letters = Lines(20);
        using var strip = letters.ExtractArea(0, 0, letters.Width, height);
        Assert.InRange(TextMeter.Measure(strip).Height, 0, 12);
    }

    /// <summary>A paragraph in a font of so many pixels, in grey on white.</summary>
    private static Image Lines(int size)
    {
        _ = Libvips.Version;
        const string text = "the quick brown fox jumps over the lazy dog while seven small boats leave the harbour before the morning light comes";
        using var ink = Image.Text(text, font: $"DejaVu Sans {size}", width: 40 * size, dpi: 72);
        using var wide = ink.Embed(size, size, ink.Width + (2 * size), ink.Height + (2 * size));
        using var page = wide.Invert();
        return page.CopyMemory();
    }

    private static TextMeasure Measure(string path)
    {
        using var image = Image.NewFromFile(path);
        return TextMeter.Measure(image);
    }
}
