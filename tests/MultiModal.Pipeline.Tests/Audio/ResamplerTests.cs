using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

public class ResamplerTests
{
    [Theory]
    [InlineData(8000)]
    [InlineData(11025)]
    [InlineData(16000)]
    [InlineData(44100)]
    [InlineData(48000)]
    [InlineData(192000)]
    public void A_tone_keeps_its_pitch_level_and_length(int sampleRate)
    {
        var output = Resample(Tone(sampleRate, 1000, seconds: 1), sampleRate);
        Assert.Equal(16_000, output.Count);
        var expected = Tone(16_000, 1000, seconds: 1);
        // The ends feel the silence around them.
        for (var i = 200; i < 15_800; i++) Assert.Equal(expected[i], output[i] / 32768f, 0.005);
    }

    [Theory]
    [InlineData(44100, 9000)]
    [InlineData(48000, 15000)]
    [InlineData(96000, 31000)]
    public void Frequencies_that_16_kHz_cannot_carry_do_not_fold_into_speech(int sampleRate, int frequency)
    {
        var output = Resample(Tone(sampleRate, frequency, seconds: 1), sampleRate);
        Assert.All(output.Skip(200).Take(15_600), sample => Assert.InRange(sample, -30, 30));
    }

    [Fact]
    public void Blocks_of_any_size_give_the_same_samples()
    {
        var tone = Tone(44_100, 440, seconds: 0.5);
        var whole = Resample(tone, 44_100);
        var resampler = new Resampler(44_100);
        var pieces = new List<short>();
        for (var (at, size) = (0, 1); at < tone.Length; at += size, size = (size * 7 % 501) + 1)
        {
            size = Math.Min(size, tone.Length - at);
            resampler.Process(tone.AsSpan(at, size), pieces);
        }

        resampler.Complete(pieces);
        Assert.Equal(whole, pieces);
    }

    private static List<short> Resample(float[] samples, int sampleRate)
    {
        var resampler = new Resampler(sampleRate);
        var output = new List<short>();
        resampler.Process(samples, output);
        resampler.Complete(output);
        return output;
    }

    private static float[] Tone(int sampleRate, int frequency, double seconds) =>
        [.. Enumerable.Range(0, (int)(sampleRate * seconds)).Select(i => 0.5f * (float)Math.Sin(2 * Math.PI * frequency * i / sampleRate))];
}
