using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

public sealed class VoicesTests
{
    [Fact]
    public void The_four_who_speak_longest_in_the_first_piece_are_references_named_in_the_order_in_which_they_begin()
    {
        var first = Piece((0, 3, "C"), (3, 8, "A"), (8, 10, "E"), (10, 16, "B"), (16, 22, "D"));
        Assert.Equal(["Speaker 1", "Speaker 2", "Speaker 4", "Speaker 5"], Voices.ReferencesOf(first).Select(r => r.Name));
        Assert.Equal([new VoiceSpan(0, 3)], Voices.ReferencesOf(first)[0].Sample);
    }

    [Fact]
    public void A_sample_has_two_to_eight_seconds_and_one_that_would_be_shorter_is_none()
    {
        var first = Piece((0, 100, "A"), (100, 101.9, "B"), (102, 103, "C"), (110, 110.7, "C"), (120, 120.8, "C"));
        var references = Voices.ReferencesOf(first);
        Assert.Equal(["Speaker 1", "Speaker 3"], references.Select(r => r.Name));
        Assert.Equal([new VoiceSpan(0, 8)], references[0].Sample);
        Assert.Equal([102, 110, 120], references[1].Sample.Select(span => span.StartSeconds));
    }

    [Fact]
    public void Labels_hold_for_their_own_piece_and_names_for_all()
    {
        Transcript?[] pieces = [Piece((0, 5, "A"), (5, 9, "B")), Piece((0, 5, "Speaker 2"), (5, 9, "A")), Piece((0, 5, "A"), (5, 9, "B"))];
        var match = new VoiceMatch([new(1, "A", "X"), new(2, "A", "Y"), new(2, "B", "X")]);

        var names = SpeakerNames.Of(pieces, match);

        Assert.Equal(
            ["Speaker 1", "Speaker 2", "Speaker 2", "Speaker 3", "Speaker 4", "Speaker 3"],
            pieces.SelectMany((piece, part) => piece!.Segments.Select(s => names.Find(part, s.Speaker))));
        Assert.Equal((4, 0), (names.Known, names.Unknown));
    }

    [Fact]
    public void A_voice_that_is_a_references_after_all_has_its_name_and_so_has_one_that_was_too_many_for_a_reference()
    {
        var first = Piece((0, 9, "A"), (9, 18, "B"), (18, 27, "C"), (27, 36, "D"), (36, 40, "E"));
        Transcript?[] pieces = [first, Piece((0, 5, "A"), (5, 9, "B"))];
        Assert.Equal([(0, "E"), (1, "A"), (1, "B")], Voices.StrangersOf(pieces, Voices.ReferencesOf(first)).Select(v => (v.Part, v.Label)));

        var names = SpeakerNames.Of(pieces, new VoiceMatch([new(0, "E", "Q"), new(1, "A", "Q"), new(1, "B", "Speaker 2")]));

        Assert.Equal(("Speaker 5", "Speaker 2"), (names.Find(1, "A"), names.Find(1, "B")));
        Assert.Equal(5, names.Known);
    }

    [Fact]
    public void A_voice_that_was_not_compared_is_nobody_that_is_known()
    {
        Transcript?[] pieces = [null, Piece((0, 5, "A")), Piece((0, 5, "A"))];
        var names = SpeakerNames.Of(pieces, match: null);
        Assert.Equal(("Unknown speaker 1", "Unknown speaker 2"), (names.Find(1, "A"), names.Find(2, "A")));
        Assert.Equal((0, 2), (names.Known, names.Unknown));
        Assert.Null(names.Find(1, null));
    }

    [Fact]
    public void A_reel_fits_into_one_request_however_many_voices_there_are()
    {
        var voices = Enumerable.Range(1, 300).Select(part => new PieceVoice(part, "A", [new VoiceSpan(0, 8)])).ToList();
        Assert.Equal(9 * 20, VoiceReel.Of(voices.Take(20), 400).Clips[^1].EndSeconds);
        var many = VoiceReel.Of(voices.Take(100), 400);
        Assert.Equal(100, many.Clips.Count);
        Assert.InRange(many.Clips[0].Seconds, 2, 3.1);
        var tooMany = VoiceReel.Of(voices, 400);
        Assert.InRange(tooMany.Seconds, 390, 400);
        Assert.All(tooMany.Clips, clip => Assert.Equal(2, clip.Seconds, 6));
    }

    [Fact]
    public void A_clip_is_the_voice_that_is_heard_in_most_of_it()
    {
        var reel = VoiceReel.Of([new PieceVoice(1, "A", [new(0, 4)]), new PieceVoice(2, "B", [new(0, 4)]), new PieceVoice(3, "C", [new(0, 4)])], 400);
        var match = reel.Match(Piece((1, 4, "X"), (4, 5, "Y"), (6.2, 9.8, "X"), (11.5, 12, "Z")));
        Assert.Equal([new MatchedVoice(1, "A", "X"), new MatchedVoice(2, "B", "X")], match.Voices);
    }

    private static Transcript Piece(params (double Start, double End, string Speaker)[] segments) =>
        new([.. segments.Select(s => new TranscriptSegment(s.Start, s.End, "words", s.Speaker))], "en");
}
