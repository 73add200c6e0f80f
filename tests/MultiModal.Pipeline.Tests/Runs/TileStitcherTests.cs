using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Tests.Runs;

public sealed class TileStitcherTests
{
    [Fact]
    public void The_text_of_tiles_is_joined_in_order() =>
        Assert.Equal("one\ntwo\nthree", Stitch([Tile(0, 100), Tile(100, 100)], "one\ntwo", "three").Text);

    [Fact]
    public void Lines_that_two_tiles_show_are_there_once() => Assert.Equal(
        "The first line\nThe second line\nThe third line\nThe fourth line",
        Stitch(
            [Tile(0, 100), Tile(60, 100)], "The first line\nThe second line\nThe third line", "The second line\nThe third line\nThe fourth line").Text);

    [Fact]
    public void A_double_is_known_although_it_was_read_differently() => Assert.Equal(
        "Bread and apples\nOpen until noon\nClosed on Monday",
        Stitch([Tile(0, 100), Tile(60, 100)], "Bread and apples\nOpen until noon", "0pen untll noon.\nClosed on Monday").Text);

    [Fact]
    public void What_is_left_of_a_line_that_was_cut_through_is_dropped() => Assert.Equal(
        "Bread and apples\nOpen until noon\nClosed on Monday",
        Stitch(
            [Tile(0, 100), Tile(60, 100)], "Bread and apples\nOpen until noon\nCl_~d", "~r-. d 4ppl\nOpen until noon\nClosed on Monday").Text);

    [Fact]
    public void Equal_lines_stay_where_tiles_share_no_rows() =>
        Assert.Equal("Yes.\nYes.", Stitch([Tile(0, 100), Tile(100, 100)], "Yes.", "Yes.").Text);

    [Fact]
    public void Equal_lines_stay_where_a_new_column_begins() =>
        Assert.Equal("Yes.\nYes.", Stitch([Tile(0, 100), Tile(0, 100) with { Left = 500 }], "Yes.", "Yes.").Text);

    [Fact]
    public void Nothing_is_dropped_where_no_double_is_found() =>
        Assert.Equal("one\ntwo\nthree\nfour", Stitch([Tile(0, 100), Tile(60, 100)], "one\ntwo", "three\nfour").Text);

    [Fact]
    public void A_lost_tile_leaves_the_others()
    {
        var tiles = new[] { Tile(0, 100), Tile(60, 100), Tile(120, 100) };
        Assert.Equal("a\na", TileStitcher.Stitch(tiles, [Said("a"), null, Said("a")]).Text);
    }

    [Fact]
    public void Descriptions_tags_and_cut_answers_are_those_of_all_tiles()
    {
        var all = TileStitcher.Stitch(
            [Tile(0, 100), Tile(100, 100), Tile(200, 100)],
            [new("A chat.", "", ["chat", "bubble"]), new("A chat.", "", ["chat", "photo"], Cut: true), new(" More. ", "", [])]);
        Assert.Equal(("A chat.\nMore.", true), (all.Description, all.Cut));
        Assert.Equal(["chat", "bubble", "photo"], all.Tags);
        Assert.Null(Stitch([Tile(0, 100), Tile(100, 100)], "a", "b").Description);
    }

    private static ImageAnalysis Stitch(ImageTile[] tiles, params string[] texts) => TileStitcher.Stitch(tiles, [.. texts.Select(Said)]);

    private static ImageAnalysis Said(string text) => new(null, text, []);

    private static ImageTile Tile(int top, int height) =>
        new($"tile-{top}", ContentHash.Compute([(byte)top]), "image/jpeg", 100, 50, height / 2, ImageDetail.High, 0, top, 100, height);
}
