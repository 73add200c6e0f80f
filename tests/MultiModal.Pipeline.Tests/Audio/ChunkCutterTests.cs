using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

public class ChunkCutterTests
{
    private const float Voice = -20;
    private const float Pause = -70;
    private const float Threshold = -50;

    [Fact]
    public void A_short_recording_stays_whole() =>
        Assert.Equal([new FrameRange(0, 3000)], Cut(Levels(30), target: 60, max: 90));

    [Fact]
    public void A_cut_lies_in_the_pause_nearest_to_the_target()
    {
        var levels = Levels(100, (50, 0.5), (57, 0.5), (64, 0.5));
        Assert.Equal([new FrameRange(0, 5725), new FrameRange(5725, 10_000)], Cut(levels, target: 58, max: 90));
    }

    [Fact]
    public void A_closure_within_a_word_is_no_pause_where_there_is_a_real_one()
    {
        var levels = Levels(100, (60, 0.12), (70, 0.4));
        Assert.Equal(7020, Cut(levels, target: 60, max: 90)[0].End);
    }

    [Fact]
    public void Without_a_pause_the_cut_is_at_the_quietest_point()
    {
        var levels = Levels(100);
        for (var i = 5200; i < 5220; i++) levels[i] = -40;
        Assert.InRange(Cut(levels, target: 60, max: 90)[0].End, 5200, 5220);
    }

    [Fact]
    public void No_piece_is_longer_than_the_engine_takes_even_without_a_pause()
    {
        var pieces = Cut(Levels(1000), target: 600, max: 60);
        Assert.All(pieces, p => Assert.InRange(p.Length, 1, 6000));
        Assert.Equal(100_000, pieces.Sum(p => p.Length));
        Assert.All(pieces.Zip(pieces.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
    }

    [Fact]
    public void A_small_rest_goes_with_the_last_piece() =>
        Assert.Equal(2, Cut(Levels(130, (60, 0.5)), target: 60, max: 90).Count);

    [Fact]
    public void A_long_pause_is_cut_at_the_target()
    {
        var levels = Levels(100, (20, 70));
        Assert.Equal(6000, Cut(levels, target: 60, max: 90)[0].End);
    }

    private static IReadOnlyList<FrameRange> Cut(float[] levels, double target, double max) => ChunkCutter.Cut(levels, Threshold, target, max);

    private static float[] Levels(double seconds, params (double At, double Seconds)[] pauses)
    {
        var levels = new float[(int)(seconds * 100)];
        Array.Fill(levels, Voice);
        foreach (var (at, length) in pauses) Array.Fill(levels, Pause, (int)(at * 100), (int)Math.Round(length * 100));
        return levels;
    }
}
