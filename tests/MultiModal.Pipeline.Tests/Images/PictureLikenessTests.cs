using MultiModal.Pipeline.Images;
using NetVips;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class PictureLikenessTests
{
    private const int Pairs = 500;

    private static readonly Func<Image, byte[]>[] Encodings =
    [
        image => image.PngsaveBuffer(),
        image => image.JpegsaveBuffer(q: 85),
        image => image.JpegsaveBuffer(q: 70),
        image => image.WebpsaveBuffer(q: 80),
        image => Shrink(image, 0.75).JpegsaveBuffer(q: 85),
    ];

    [Fact]
    public void Pictures_that_differ_in_one_digit_are_never_the_same_however_they_are_encoded()
    {
        var random = new Random(33);
        for (var pair = 0; pair < Pairs; pair++)
        {
            var text = Numbers(random);
            int at;
            do at = random.Next(text.Length);
            while (!char.IsDigit(text[at]));
            var digit = (char)('0' + ((text[at] - '0' + random.Next(1, 10)) % 10));
            var (size, ink, paper) = (random.Next(8, 25), random.Next(121), random.Next(220, 256));
            using var one = Draw(text, size, ink, paper);
            using var other = Draw(text.Remove(at, 1).Insert(at, digit.ToString()), size, ink, paper);
            Assert.False(
                AreSame(one.PngsaveBuffer(), Encodings[pair % Encodings.Length](other)), $"Pair {pair}, size {size}: {text[at]} became {digit}.");
        }
    }

    [Fact]
    public void A_picture_that_was_encoded_again_or_resized_is_the_same()
    {
        var random = new Random(34);
        for (var picture = 0; picture < 20; picture++)
        {
            // Small print is not found again where it lost much.
            using var drawn = Draw(Numbers(random), random.Next(12, 25), random.Next(121), random.Next(220, 256));
            Assert.All(Encodings, encode => Assert.True(AreSame(drawn.PngsaveBuffer(), encode(drawn))));
        }
    }

    [Fact]
    public void A_picture_that_was_cut_mirrored_or_made_brighter_is_another_one()
    {
        using var noise = Image.Gaussnoise(600, 400, mean: 128, sigma: 400, seed: 5);
        using var soft = noise.Gaussblur(3);
        using var photo = ToColour(soft.Cast(Enums.BandFormat.Uchar));
        using var cut = photo.Crop(6, 4, 588, 392);
        using var mirrored = photo.Flip(Enums.Direction.Horizontal);
        using var brighter = (photo + 10).Cast(Enums.BandFormat.Uchar);
        var original = photo.PngsaveBuffer();
        Assert.True(AreSame(original, photo.JpegsaveBuffer(q: 85)));
        Assert.All([cut, mirrored, brighter], changed => Assert.False(AreSame(original, changed.PngsaveBuffer())));
    }

    [Fact]
    public void A_picture_that_can_be_seen_through_or_is_damaged_is_compared_with_none()
    {
        using var drawn = Draw(Numbers(new Random(35)), 20, 0, 255);
        using var clear = drawn.Bandjoin(drawn[0]);
        Assert.Null(SentPixels.Read(new BinaryData(clear.PngsaveBuffer())));
        Assert.Null(SentPixels.Read(new BinaryData(drawn.PngsaveBuffer()[..40])));
        using var grey = drawn[1];
        Assert.True(AreSame(grey.JpegsaveBuffer(q: 85), drawn.PngsaveBuffer()));
    }

    private static bool AreSame(byte[] one, byte[] other)
    {
        var (first, second) = (SentPixels.Read(new BinaryData(one))!, SentPixels.Read(new BinaryData(other))!);
        var same = first.DistanceTo(second);
        if (same is not null) Assert.True(PictureSketch.MayBeSame(first.Sketch(), second.Sketch()));
        return same is not null;
    }

    private static Image Shrink(Image image, double scale)
    {
        var (width, height) = (Math.Round(image.Width * scale), Math.Round(image.Height * scale));
        return image.Resize(width / image.Width, vscale: height / image.Height);
    }

    private static string Numbers(Random random) => string.Join('\n', Enumerable.Range(0, 6).Select(_ =>
        string.Join(' ', Enumerable.Range(0, 4).Select(_ => random.Next(1000, 99_999)))));

    private static Image Draw(string text, int size, int ink, int paper)
    {
        using var letters = Image.Text(text, font: $"DejaVu Sans {size}", dpi: 72);
        using var framed = letters.Embed(20, 20, letters.Width + 40, letters.Height + 40);
        using var levels = (framed * ((ink - paper) / 255.0)) + paper;
        return ToColour(levels.Cast(Enums.BandFormat.Uchar));
    }

    private static Image ToColour(Image image) =>
        (image.Bands == 1 ? image.Bandjoin(image, image) : image).Copy(interpretation: Enums.Interpretation.Srgb);
}
