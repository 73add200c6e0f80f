using System.Diagnostics;
using System.Text;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Synthesis;

namespace MultiModal.Pipeline.Tests.Synthesis;

public class SynthesisTreeTests
{
    private const int Limit = 2000;

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 12));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_input_is_in_one_group_in_order_and_no_group_is_too_large(int seed)
    {
        var inputs = Inputs(new Random(seed), 300);
        var groups = Groups(inputs);

        Assert.Equal(inputs, groups.SelectMany(g => g));
        Assert.All(groups, g => Assert.InRange(g.Sum(i => SynthesisTree.Weigh(i).Tokens), 1, Limit));
        Assert.InRange(groups.Count, 2, inputs.Count - 1);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void One_input_more_or_less_changes_the_groups_around_it_only(int seed)
    {
        var random = new Random(seed);
        var inputs = Inputs(random, 2000);
        var before = Hashes(inputs);
        var changes = new List<int>();
        for (var trial = 0; trial < 20; trial++)
        {
            var with = inputs.ToList();
            with.Insert(random.Next(inputs.Count + 1), Input(random, $"new-{trial}"));
            changes.Add(Hashes(with).Except(before).Count());

            var without = inputs.ToList();
            without.RemoveAt(random.Next(inputs.Count));
            changes.Add(Hashes(without).Except(before).Count());
        }

        Assert.True(before.Count > 100, $"{before.Count} groups are too few to tell");
        Assert.True(changes.Average() < 3, $"on average {changes.Average()} of {before.Count} groups changed");
        Assert.True(changes.Max() < 2 * Math.Log2(before.Count), $"{changes.Max()} of {before.Count} groups changed");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Each_level_of_summaries_is_at_most_half_as_wide(int seed)
    {
        var random = new Random(seed);
        for (var count = 2; count < 400; count += 1 + random.Next(40))
        {
            var documents = Enumerable.Range(0, count).Select(i => new SynthesisDocument(
                $"Title {i} {new string('t', random.Next(300))}",
                Words(random, random.Next(3000)),
                Enumerable.Range(0, random.Next(8)).Select(_ => Words(random, 20)).ToList(),
                [],
                Enumerable.Range(0, random.Next(8)).Select(_ => Words(random, 20)).ToList(),
                "en"));
            var inputs = documents.Select(d => SynthesisTree.Summarized(d, Limit)).ToList();
            Assert.InRange(Groups(inputs).Count, 1, Math.Max(1, count / 2));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_text_over_the_limit_is_cut_and_nothing_of_it_is_dropped(int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        while (text.Length < 60_000) text.Append(Words(random, 3 + random.Next(25))).Append(random.Next(4) == 0 ? ".\n" : ". ");

        var pieces = SynthesisTree.Fit(new SynthesisInput("book.txt", "text", text.ToString()), Limit).ToList();

        Assert.True(pieces.Count > 5);
        Assert.All(pieces, p => Assert.InRange(SynthesisTree.Weigh(p).Tokens, 1, Limit));
        Assert.All(pieces, p => Assert.EndsWith(".", p.Text, StringComparison.Ordinal));
        Assert.Equal(Visible(text.ToString()), Visible(string.Concat(pieces.Select(p => p.Text))));

        var edited = text.ToString().Insert(text.Length / 2, "A sentence that was not there. ");
        var known = pieces.Select(p => p.Text).ToHashSet();
        Assert.InRange(SynthesisTree.Fit(new SynthesisInput("book.txt", "text", edited), Limit).Count(p => !known.Contains(p.Text)), 1, 4);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a\n")]
    [InlineData("😀")]
    [InlineData("日本語")]
    [InlineData("word ")]
    [InlineData("\n")]
    public void A_megabyte_of_the_same_is_cut_in_good_time(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, (1 << 20) / unit.Length));
        var watch = Stopwatch.StartNew();
        var pieces = SynthesisTree.Fit(new SynthesisInput("hostile", "text", text), 30_000).ToList();
        Assert.Equal(Visible(text), Visible(string.Concat(pieces.Select(p => p.Text))));
        Assert.All(pieces, p => Assert.InRange(SynthesisTree.Weigh(p).Tokens, 1, 30_000));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Equal_inputs_without_end_are_grouped_in_good_time()
    {
        var weights = Enumerable.Repeat(new SynthesisWeight(100, 7), 200_000).ToList();
        var groups = SynthesisTree.Group(weights, Limit);
        Assert.Equal(weights.Count, groups.Sum(g => g.End.Value - g.Start.Value));
    }

    [Fact]
    public void A_long_name_is_shortened_and_leaves_room_for_the_text()
    {
        var piece = Assert.Single(SynthesisTree.Fit(new SynthesisInput(new string('名', 1000), "text", "Short."), SynthesisTree.LeastTokens));
        Assert.Equal("Short.", piece.Text);
        Assert.InRange(SynthesisTree.Weigh(piece).Tokens, 1, 70);
    }

    [Fact]
    public void A_summary_keeps_its_action_items()
    {
        var document = new SynthesisDocument("Title", new string('s', 5000), ["a point"], ["topic"], ["send the menu"], "en");
        var input = SynthesisTree.Summarized(document, SynthesisTree.LeastTokens);
        Assert.Equal(("Title", "summary"), (input.Name, input.Kind));
        Assert.Contains("- [ ] send the menu", input.Text, StringComparison.Ordinal);
        Assert.Contains("- a point", input.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_of_a_group_tells_kind_name_text_and_order_apart()
    {
        var a = new SynthesisInput("a", "text", "x");
        var b = new SynthesisInput("b", "text", "x");
        SynthesisInput[][] groups = [[a], [b], [a, b], [b, a], [a with { Kind = "audio" }], [a with { Text = "y" }], [new("ab", "text", "")], []];
        Assert.Equal(groups.Length, groups.Select(g => new SynthesisGroup(g).Hash()).Distinct().Count());
        Assert.Equal(new SynthesisGroup([a]).Hash(), new SynthesisGroup([a with { }]).Hash());
    }

    private static List<List<SynthesisInput>> Groups(List<SynthesisInput> inputs) =>
        SynthesisTree.Group(inputs.ConvertAll(SynthesisTree.Weigh), Limit).Select(inputs.GetRange).ToList();

    private static HashSet<string> Hashes(List<SynthesisInput> inputs) => Groups(inputs).Select(g => new SynthesisGroup(g).Hash().Value).ToHashSet();

    private static List<SynthesisInput> Inputs(Random random, int count) =>
        Enumerable.Range(0, count).Select(i => Input(random, $"item-{i:D5}")).ToList();

    private static SynthesisInput Input(Random random, string name) => new(name, "text", Words(random, 5 + random.Next(150)));

    private static string Words(Random random, int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => $"w{random.Next(5000)}"));

    private static string Visible(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}

file static class Ranges
{
    public static List<T> GetRange<T>(this List<T> list, Range range)
    {
        var (offset, count) = range.GetOffsetAndLength(list.Count);
        return list.GetRange(offset, count);
    }
}
