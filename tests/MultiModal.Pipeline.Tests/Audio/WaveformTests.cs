using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

public sealed class WaveformTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(999, 999)]
    [InlineData(1000, 1000)]
    [InlineData(1001, 1000)]
    [InlineData(360_000, 1000)]
    public void There_is_a_peak_for_each_of_at_most_a_thousand_stretches(int frames, int peaks) =>
        Assert.Equal(peaks, Waveform.Of(new float[frames]).Length);

    [Fact]
    public void A_stretch_is_as_loud_as_its_loudest_frame_and_none_is_left_out()
    {
        var levels = Enumerable.Repeat(-100f, 2500).ToArray();
        foreach (var at in new[] { 0, 1249, 2499 })
        {
            var one = levels.ToArray();
            one[at] = 0;
            var peaks = Waveform.Read(Waveform.Of(one));
            Assert.Equal(1, Assert.Single(peaks, peak => peak > 0.5));
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 1)]
    [InlineData(-6, 0.501)]
    [InlineData(-20, 0.1)]
    [InlineData(-40, 0.01)]
    [InlineData(-100, 0)]
    public void A_level_in_decibels_is_read_as_an_amplitude(float level, double amplitude) =>
        Assert.Equal(amplitude, Assert.Single(Waveform.Read(Waveform.Of([level]))), tolerance: 0.004);
}
