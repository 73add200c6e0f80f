using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class TilePlanTests
{
    /// <summary>Height of an x.</summary>
    private const int Letter = 20;

    private static readonly LegiblePlan Illegible = new(1020, ImageDetail.High, "It is too small.");

    [Theory]
    [InlineData("gpt-4.1-mini")]
    [InlineData("gpt-4o")]
    [InlineData("gpt-5.6-luna")]
    [InlineData("a model that publishes no rule")]
    public void A_long_strip_is_cut_between_its_lines_and_each_tile_is_seen_as_it_is_sent(string name)
    {
        var layout = Column(1000, 12_000, 100, 900);
        var model = Model(name);
        var plan = TilePlan.Choose(layout, Letter, Illegible, model)!;
        Assert.InRange(plan.Tiles.Count, 2, 6);
        Assert.True(Letter * plan.Scale >= TilePlan.AcceptedHeight);
        Assert.Equal((0, 12_000), (plan.Tiles[0].Top, plan.Tiles[^1].Top + plan.Tiles[^1].Height));
        foreach (var (tile, next) in plan.Tiles.Zip(plan.Tiles.Skip(1)))
        {
            Assert.Equal(tile.Top + tile.Height, next.Top);
            Assert.DoesNotContain(layout.Letters, letter => letter.Top < next.Top && letter.Bottom > next.Top);
        }

        Assert.All(plan.Tiles, tile => Assert.Equal(tile.Sent(plan.Scale), model.Seen(tile.Sent(plan.Scale), tile.Detail)));
        Assert.Equal(plan.Tiles.Sum(tile => model.Count(tile.Sent(plan.Scale), tile.Detail)), plan.Tokens);
    }

    [Fact]
    public void A_cut_between_paragraphs_is_preferred_to_one_between_lines()
    {
        // Groups of five lines, with two lines of white space after each.
        var letters = Lines(1000, 12_000, 100, 900).Where(box => (box.Top / (2 * Letter)) % 7 < 5).ToList();
        var plan = TilePlan.Choose(new TextLayout(1000, 12_000, letters, letters), Letter, Illegible, Model("gpt-4.1-mini"))!;
        Assert.All(plan.Tiles.Skip(1), tile => Assert.DoesNotContain(letters, box => box.Top < tile.Top + Letter && box.Bottom > tile.Top - Letter));
    }

    [Fact]
    public void Where_there_is_no_white_space_tiles_share_two_lines()
    {
        // Every row is touched by some letter, as in a scan that is not straight.
        TextBox[] letters = [.. Enumerable.Range(0, 600).Select(at => new TextBox(100 + at, 20 * at, 130 + at, (20 * at) + 25))];
        var plan = TilePlan.Choose(new TextLayout(1000, 12_000, letters, letters), Letter, Illegible, Model("gpt-4.1-mini"))!;
        foreach (var (tile, next) in plan.Tiles.Zip(plan.Tiles.Skip(1))) Assert.InRange(tile.Top + tile.Height - next.Top, 4 * Letter, 6 * Letter);
    }

    [Fact]
    public void Noise_between_the_lines_does_not_make_them_be_cut_through()
    {
        var lines = Lines(1000, 12_000, 100, 900);
        TextBox[] noise = [.. lines, .. Enumerable.Range(0, 1_200).Select(at => new TextBox(950, 10 * at, 960, (10 * at) + 12))];
        var plan = TilePlan.Choose(new TextLayout(1000, 12_000, noise, lines), Letter, Illegible, Model("gpt-4.1-mini"))!;
        Assert.All(plan.Tiles.Skip(1), tile => Assert.DoesNotContain(lines, line => line.Top < tile.Top && line.Bottom > tile.Top));
    }

    [Fact]
    public void Columns_are_read_one_after_the_other_where_the_image_is_too_wide()
    {
        TextBox[] letters = [.. Lines(12_000, 3_000, 100, 5_800), .. Lines(12_000, 3_000, 6_200, 11_900)];
        var plan = TilePlan.Choose(new TextLayout(12_000, 3_000, letters, letters), Letter, Illegible, Model("gpt-4.1-mini"))!;
        Assert.Equal([0, 6000], plan.Tiles.Select(tile => tile.Left).Distinct());
        Assert.Equal(plan.Tiles.OrderBy(tile => tile.Left).ThenBy(tile => tile.Top), plan.Tiles);
        Assert.All(plan.Tiles, tile => Assert.Equal(6000, tile.Width));
    }

    [Fact]
    public void Lines_that_are_too_long_for_a_tile_are_not_cut_and_the_image_is_sent_whole() =>
        Assert.Null(TilePlan.Choose(Column(20_000, 1_000, 100, 19_900), Letter, Illegible, Model("gpt-4.1-mini")));

    [Fact]
    public void Tiles_are_as_large_as_they_can_be_for_their_tokens()
    {
        var model = Model("gpt-4.1-mini");
        var plan = TilePlan.Choose(Column(1000, 12_000, 100, 900), Letter, Illegible, model)!;
        var larger = plan.Scale * 1.01;
        Assert.Contains(
            plan.Tiles,
            tile => model.Count(tile.Sent(larger), tile.Detail) > model.Count(tile.Sent(plan.Scale), tile.Detail)
                || model.Seen(tile.Sent(larger), tile.Detail) != tile.Sent(larger));
    }

    [Theory]
    [InlineData("gpt-4.1-mini")]
    [InlineData("gpt-4o")]
    public void An_image_that_is_legible_whole_is_cut_only_if_that_is_clearly_cheaper_with_all_that_is_sent_with_each_tile(string name)
    {
        var whole = new LegiblePlan(1366, ImageDetail.High);
        var free = Model(name) with { RequestTokens = 0 };
        Assert.False(TilePlan.MayBeBetter((2560, 1440), 8.2, whole, Model(name)));
        Assert.Equal(name == "gpt-4o", TilePlan.MayBeBetter((2560, 1440), 8.2, whole, free));
    }

    private static TextLayout Column(int width, int height, int left, int right)
    {
        var letters = Lines(width, height, left, right);
        return new TextLayout(width, height, letters, letters);
    }

    /// <summary>A line in every second row of letters.</summary>
    private static TextBox[] Lines(int width, int height, int left, int right) =>
    [
        .. Enumerable.Range(1, (height / (2 * Letter)) - 2)
            .Select(line => new TextBox(left, 2 * Letter * line, Math.Min(width, right), (2 * Letter * line) + Letter + (Letter / 2))),
    ];

    private static ImageReader Model(string name) =>
        ImageReader.OfModel(ModelFamilies.BuiltIn.ChatOf(name, ModelFamilies.UnknownServiceChat).Images, requestTokens: 220);
}
