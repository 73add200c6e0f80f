using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

public class TranscriptStitcherTests
{
    // 0-10 s of the original, then 20-30 s (a pause left out), then the second piece from 30 s.
    private static readonly AudioPlan Plan = new(50, 40, null,
    [
        new("audio/wav", 20, 1, [new(0, 0, 10), new(10, 20, 10)]),
        new("audio/wav", 20, 1, [new(0, 30, 20)]),
    ]);

    [Fact]
    public void Times_are_those_of_the_original()
    {
        var stitched = Stitch([new(1, 9, "one"), new(10, 12, "two")], [new(0, 5, "three")]);
        Assert.Equal([new(1, 9, "one"), new(20, 22, "two"), new(30, 35, "three")], stitched.Transcript.Segments);
        Assert.Equal("one two three", stitched.Transcript.Text);
        Assert.Empty(stitched.Gaps);
    }

    [Fact]
    public void A_segment_that_ends_at_a_join_does_not_reach_over_the_pause() =>
        Assert.Equal(new TranscriptSegment(8, 10, "one"), Stitch([new(8, 10, "one")], []).Transcript.Segments[0]);

    [Fact]
    public void A_lost_piece_is_a_marked_gap()
    {
        var stitched = Stitch([new(1, 2, "one")], null);
        Assert.Equal([new TranscriptGap(1, 30, 50)], stitched.Gaps);
        Assert.Equal([new(1, 2, "one"), new(30, 50, "[…]")], stitched.Transcript.Segments);
    }

    [Fact]
    public void Segments_never_overlap_and_never_leave_their_piece()
    {
        var segments = Stitch([new(0, 6, "a"), new(5, 99, "b"), new(3, 4, "c"), new(1, 2, " ")], [new(-1, 2, "d")]).Transcript.Segments;
        Assert.Equal(["a", "b", "c", "d"], segments.Select(s => s.Text));
        Assert.All(segments, s => Assert.True(s.EndSeconds >= s.StartSeconds));
        Assert.All(segments.Zip(segments.Skip(1)), pair => Assert.True(pair.Second.StartSeconds >= pair.First.EndSeconds));
        Assert.Equal(30, segments[1].EndSeconds);
        Assert.Equal(30, segments[3].StartSeconds);
    }

    [Fact]
    public void A_piece_of_unknown_length_keeps_its_times()
    {
        var plan = new AudioPlan(0, 0, null, [new("audio/webm", 0, 1, [])]);
        Assert.Equal([new(3, 4, "a")], TranscriptStitcher.Stitch(plan, [new([new(3, 4, "a")], null)]).Transcript.Segments);
    }

    [Fact]
    public void The_language_is_that_of_most_of_the_words()
    {
        var stitched = TranscriptStitcher.Stitch(Plan, [new([new(0, 1, "hi")], "en"), new([new(0, 1, "guten Tag zusammen")], "de")]);
        Assert.Equal("de", stitched.Transcript.Language);
    }

    private static StitchedTranscript Stitch(TranscriptSegment[]? first, TranscriptSegment[]? second) => TranscriptStitcher.Stitch(
        Plan, [first is null ? null : new(first, null), second is null ? null : new(second, null)]);
}
