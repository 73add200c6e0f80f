using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

public sealed class SpeechMapTests
{
    private static readonly AudioOptions Options = new();

    [Theory]
    [InlineData(0.3)]
    [InlineData(1.9)]
    public void A_clip_that_is_as_loud_throughout_is_speech_because_a_word_has_no_pause(double seconds)
    {
        var map = SpeechMap.FromLevels(Steady(seconds, -20), Options);
        Assert.Equal([new FrameRange(0, FrameRange.FramesOf(seconds))], map!.Speech);
    }

    [Fact]
    public void A_recording_that_is_as_loud_throughout_has_no_speech() => Assert.Null(SpeechMap.FromLevels(Steady(2.5, -20), Options));

    [Fact]
    public void A_clip_that_is_too_soft_has_no_speech() => Assert.Null(SpeechMap.FromLevels(Steady(1, -80), Options));

    private static float[] Steady(double seconds, float level) => [.. Enumerable.Repeat(level, FrameRange.FramesOf(seconds))];
}
