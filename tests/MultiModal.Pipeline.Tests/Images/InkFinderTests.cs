using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class InkFinderTests
{
    private const int Reach = 16;
    private const int LeastContrast = 24;

    /// <summary>Sizes around those of a vector and of the window.</summary>
    public static TheoryData<int, int> Sizes => new()
    {
        { 1, 1 }, { 1, 80 }, { 3, 16 }, { 15, 17 }, { 16, 18 }, { 17, 32 }, { 33, 33 }, { 40, 34 }, { 100, 70 }, { 331, 5 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Each_pixel_is_compared_with_the_window_around_it(int width, int height)
    {
        var levels = Picture(width, height);
        var found = Find(levels);
        Assert.Equal(height, found.Count);
        var pixels = from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) select (x, y);
        Assert.Equal(pixels.Select(p => Expected(levels, p.x, p.y)), pixels.Select(p => found[p.y][p.x]));
    }

    [Fact]
    public void The_test_picture_has_dark_ink_light_ink_and_what_is_noise()
    {
        var found = Find(Picture(100, 70)).SelectMany(row => row).ToList();
        Assert.All(new[] { -1, 0, 1 }, ink => Assert.InRange(found.Count(f => f == ink), 100, 6_800));
    }

    [Fact]
    public void The_sums_of_a_white_picture_that_is_very_wide_are_right()
    {
        var levels = Enumerable.Range(0, 40).Select(_ => Enumerable.Repeat((byte)255, 70_000).ToArray()).ToArray();
        levels[20][69_990] = 0;
        var found = Find(levels);
        Assert.Equal((-1, 1), (found[20][69_990], found.SelectMany(row => row).Count(ink => ink != 0)));
    }

    /// <summary>Strokes, dark and light, on a ground that gets noisier from left to right.</summary>
    private static byte[][] Picture(int width, int height)
    {
        var random = new Random((1_000 * width) + height);
        return [.. Enumerable.Range(0, height).Select(_ => Enumerable.Range(0, width).Select(x =>
        {
            var level = 128 + random.Next(-x / 2, (x / 2) + 1) + (random.Next(12) switch { 0 => -90, 1 => 90, _ => 0 });
            return (byte)Math.Clamp(level, 0, 255);
        }).ToArray())];
    }

    private static List<int[]> Find(byte[][] levels)
    {
        var finder = new InkFinder(levels[0].Length);
        var found = new List<int[]>();
        foreach (var row in levels)
        {
            row.CopyTo(finder.Entering);
            finder.Enter();
            if (finder.HasNext) found.Add(finder.Next().ToArray());
        }

        while (finder.HasLast) found.Add(finder.Next().ToArray());
        return found;
    }

    private static int Expected(byte[][] levels, int x, int y)
    {
        var window = levels[Math.Max(0, y - Reach)..Math.Min(levels.Length, y + Reach + 1)]
            .SelectMany(row => row[Math.Max(0, x - Reach)..Math.Min(row.Length, x + Reach + 1)]).Select(level => (decimal)level).ToList();
        var difference = levels[y][x] - window.Average();
        var variance = window.Average(level => level * level) - (window.Average() * window.Average());
        return Math.Abs(difference) > LeastContrast && difference * difference > variance ? Math.Sign(difference) : 0;
    }
}
