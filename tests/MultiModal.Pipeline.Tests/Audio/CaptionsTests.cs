using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

public sealed class CaptionsTests(Speech speech) : IClassFixture<Speech>
{
    private static readonly Transcript Short = new([new(1.5, 2.25, "a < b --> c\n& {d}"), new(3661.0004, 3662, "later")], "en");

    [Fact]
    public void WebVTT_is_escaped_and_timed() => Assert.Equal(
        "WEBVTT\n\n00:00:01.500 --> 00:00:02.250\na &lt; b --&gt; c &amp; {d}\n\n01:01:01.000 --> 01:01:02.000\nlater\n",
        Captions.ToWebVtt(Short));

    [Fact]
    public void SubRip_has_numbers_commas_and_no_markup() => Assert.Equal(
        "1\n00:00:01,500 --> 00:00:02,250\na ‹ b --› c & (d)\n\n2\n01:01:01,000 --> 01:01:02,000\nlater\n",
        Captions.ToSubRip(Short));

    [Fact]
    public void Who_speaks_is_a_voice_in_WebVTT_and_stands_before_the_text_in_SubRip()
    {
        var long84 = string.Join(' ', Enumerable.Repeat("seven77", 12));
        var talk = new Transcript([new(1, 2, "Good morning.", "Speaker 1"), new(3, 5, long84, "Speaker 2"), new(6, 7, "[…]")], "en");
        var (vtt, srt) = (Captions.ToWebVtt(talk), Captions.ToSubRip(talk));
        Assert.Contains("00:00:01.000 --> 00:00:02.000\n<v Speaker 1>Good morning.\n", vtt, StringComparison.Ordinal);
        Assert.Contains("00:00:06.000 --> 00:00:07.000\n[…]\n", vtt, StringComparison.Ordinal);
        Assert.Contains("00:00:01,000 --> 00:00:02,000\nSpeaker 1: Good morning.\n", srt, StringComparison.Ordinal);
        Assert.All(srt.Split('\n'), line => Assert.InRange(line.Length, 0, 42));
        Assert.Equal("Speaker 1: Good morning.\nSpeaker 2: " + long84 + "\n[…]", talk.Text);
    }

    [Fact]
    public void A_long_segment_becomes_readable_captions_that_share_its_time()
    {
        var words = Enumerable.Range(0, 200).Select(i => $"word{i}").ToArray();
        var lines = Captions.ToWebVtt(new Transcript([new(10, 70, string.Join(' ', words))], null)).Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 42));
        Assert.Equal(words, lines.Where(l => l.StartsWith("word", StringComparison.Ordinal)).SelectMany(l => l.Split(' ')));
        var times = lines.Where(l => l.Contains("-->", StringComparison.Ordinal)).Select(l => l.Split(" --> ")).ToList();
        Assert.True(times.Count > 10);
        Assert.Equal("00:00:10.000", times[0][0]);
        Assert.Equal("00:01:10.000", times[^1][1]);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(pair.First[1], pair.Second[0]));
    }

    [Fact]
    public void A_word_longer_than_a_line_is_cut_between_characters()
    {
        var vtt = Captions.ToWebVtt(new Transcript([new(0, 9, string.Concat(Enumerable.Repeat("😀", 100)))], null));
        Assert.Equal(100, vtt.EnumerateRunes().Count(r => r.Value == 0x1F600));
        Assert.All(vtt.Split('\n'), line => Assert.InRange(line.Length, 0, 42));
    }

    [Fact]
    public void A_segment_without_duration_is_still_shown() =>
        Assert.Contains("00:00:05.000 --> 00:00:05.001", Captions.ToWebVtt(new Transcript([new(5, 5, "now")], null)), StringComparison.Ordinal);

    [Theory]
    [InlineData("vtt")]
    [InlineData("srt")]
    public async Task Ffmpeg_reads_the_captions(string format)
    {
        var folder = speech.NewFolder();
        var file = Path.Combine(folder, "a." + format);
        File.WriteAllText(file, format == "vtt" ? Captions.ToWebVtt(Short) : Captions.ToSubRip(Short));
        var read = Path.Combine(folder, "read.srt");
        await Tool.FfmpegAsync("-i", file, read);
        var text = File.ReadAllText(read);
        Assert.Contains("00:00:01,500 --> 00:00:02,250", text, StringComparison.Ordinal);
        Assert.Contains("01:01:01,000 --> 01:01:02,000", text, StringComparison.Ordinal);
    }
}
