using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

public sealed class WordPlacementTests
{
    [Fact]
    public void Words_are_dealt_out_by_the_length_of_what_is_said_between_pauses() => Assert.Equal(
        [new(1, 2, "one two three"), new(5, 9, "a much longer stretch of speech than that"), new(20, 21, "and the end")],
        WordPlacement.Place("one two three a much longer stretch of speech than that and the end", [new(1, 2), new(5, 9), new(20, 21)]));

    [Fact]
    public void A_sentence_ends_at_a_pause_even_if_lengths_do_not_quite_fit() => Assert.Equal(
        ["We went home early.", "Nobody was there, so we left."],
        Texts("We went home early. Nobody was there, so we left.", [new(0, 1.9), new(4, 6)]));

    [Fact]
    public void What_is_too_short_to_be_a_word_gets_none() => Assert.Equal(
        [new(2, 4, "the bread stall opens at eight")],
        WordPlacement.Place("the bread stall opens at eight", [new(0, 0.05), new(2, 4), new(6, 6.06)]));

    [Fact]
    public void Stretches_with_a_short_pause_between_them_share_a_caption_and_others_do_not() => Assert.Equal(
        ["good morning everybody", "Welcome."],
        Texts("good morning everybody Welcome.", [new(0, 0.7), new(1, 1.7), new(4, 4.5)]));

    [Fact]
    public void A_writing_without_spaces_is_dealt_out_by_its_signs() => Assert.Equal(
        ["今天天气很好。", "我们去公园。"], Texts("今天天气很好。我们去公园。", [new(0, 1.4), new(3, 4.2)]));

    [Theory]
    [InlineData("")]
    [InlineData("  \n ")]
    public void Nothing_is_said_where_there_are_no_words(string text) => Assert.Empty(WordPlacement.Place(text, [new(0, 1)]));

    [Fact]
    public void No_word_is_lost_however_badly_it_fits()
    {
        var words = string.Join(' ', Enumerable.Range(0, 500).Select(i => $"word{i}"));
        Assert.Equal(words, string.Join(' ', Texts(words, [new(0, 0.1), new(1, 1.1)])));
    }

    private static IEnumerable<string> Texts(string text, SpeechStretch[] speech) => WordPlacement.Place(text, speech).Select(s => s.Text);
}

/// <summary>The small form of the benchmark <c>captions</c>, which has thirty minutes.</summary>
public sealed class CaptionsWithoutTimesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(SpeechActivityMethod.Model)]
    [InlineData(SpeechActivityMethod.Level)]
    public async Task Of_the_boundaries_of_captions_95_percent_are_within_0_7_seconds_for_an_engine_that_answers_with_words_alone(
        SpeechActivityMethod method)
    {
        var options = Options.Create(new AudioOptions { SpeechActivity = method });
        var spoken = await SpokenWords.MakeAsync(folder.Path, seconds: 120, seed: 17);
        var limits = new SpeechLimits(25 << 20, 400, ["audio/wav"], "audio/wav");
        var request = new AudioRequest(limits, options.Value.UntimedChunkSeconds, TrimSilence: true, MapsSpeech: true);
        var prepared = await new AudioPreparer(options, Speech.Programs, new SpeechModel(options)).PrepareAsync(
            spoken.Write(folder["spoken.wav"]), "audio/wav", request, folder.Path, CancellationToken.None);

        var transcript = TranscriptStitcher.Stitch(prepared.Value.Plan, [.. prepared.Value.Chunks.Select(spoken.Hear)]).Transcript;

        var errors = spoken.Errors(Captions.ToWebVtt(transcript));
        Assert.InRange(prepared.Value.Chunks.Count, 3, 6);
        Assert.True(errors.Count > 30, $"only {errors.Count} boundaries");
        Assert.InRange(errors.Count(error => error <= 0.7) / (double)errors.Count, 0.95, 1);
    }
}
