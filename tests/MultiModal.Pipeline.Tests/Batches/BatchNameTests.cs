using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Tests.Batches;

public class BatchNameTests
{
    [Theory]
    [InlineData("holiday/a.jpg", 1, "holiday")]
    [InlineData("holiday/day 1/a.jpg", 1, "holiday")]
    [InlineData("holiday/day 1/a.jpg", 2, "holiday/day 1")]
    [InlineData("holiday/a.jpg", 2, "holiday")]
    [InlineData("a.jpg", 1, "a.jpg")]
    [InlineData("a.jpg", 3, "a.jpg")]
    public void A_blob_belongs_to_the_batch_of_its_leading_folders(string blob, int depth, string expected)
    {
        Assert.True(BatchName.FromBlob(blob, depth, out var batch));
        Assert.Equal(expected, batch.Value);
    }

    [Theory]
    [InlineData("/a.jpg")]
    [InlineData("../a.jpg")]
    [InlineData("a\u0000b/c.jpg")]
    [InlineData("a\\b/c.jpg")]
    [InlineData(" a/c.jpg")]
    public void A_name_that_clients_cannot_address_is_no_batch(string blob) => Assert.False(BatchName.FromBlob(blob, 1, out _));

    [Fact]
    public void Keys_are_short_plain_and_differ_where_names_differ()
    {
        var names = new[] { "A", "a", "ü", "u\u0308", "Über alles/2026", new string('x', 1024), new string('x', 1023), "日本" };
        var keys = names.Select(n => BatchName.Parse(n).Key).ToList();
        Assert.Equal(names.Length, keys.Distinct().Count());
        Assert.All(keys, k => Assert.Matches("^[a-z0-9][a-z0-9-]{0,56}$", k));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("a b/c", true)]
    [InlineData("...", true)]
    [InlineData("\U0001F600", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a//b", false)]
    [InlineData("a/", false)]
    [InlineData("a/./b", false)]
    [InlineData("a /b", false)]
    [InlineData("a\tb", false)]
    [InlineData("a\u0085b", false)]
    [InlineData("a\\b", false)]
    [InlineData("a\uD83Db", false)]
    [InlineData("a\uFFFDb", false)]
    [InlineData("a\uFFFEb", false)]
    public void Only_what_every_client_can_address_is_a_name(string text, bool isName)
    {
        Assert.Equal(isName, BatchName.TryParse(text, out var batch));
        if (isName) Assert.Equal((text, text), (batch.Value, batch.ToString()));
        else Assert.StartsWith(
            "A batch name has 1 to 1,024 characters, no empty, '.' or '..' segment, no leading or trailing space in a segment, no control "
                + "character and no backslash.",
            Assert.Throws<FormatException>(() => BatchName.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_has_as_many_characters_as_a_blob_name_may_have()
    {
        Assert.True(BatchName.TryParse(new string('x', 1024), out _));
        Assert.False(BatchName.TryParse(new string('x', 1025), out _));
        Assert.False(BatchName.TryParse(null, out _));
    }

    [Theory]
    [InlineData("Über alles/2026", "ber-alles-2026-")]
    [InlineData("--a--b--", "a-b-")]
    [InlineData("日本", "")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwx-")]
    [InlineData("abcdefghijklmnopqrstuvw xyz", "abcdefghijklmnopqrstuvw-")]
    public void A_key_begins_with_what_can_be_read_of_the_name(string name, string slug) =>
        Assert.Matches($"^{slug}[0-9a-f]{{32}}$", BatchName.Parse(name).Key);

    [Fact]
    public void Reports_are_under_the_name_or_under_a_hash_of_a_name_that_is_too_long()
    {
        Assert.Equal(new string('x', 512), BatchName.Parse(new string('x', 512)).ResultsFolder);
        Assert.Matches("^x{24}~[0-9a-f]{32}$", BatchName.Parse(new string('x', 513)).ResultsFolder);
    }

    [Fact]
    public void No_two_names_share_a_place_among_the_results()
    {
        var longest = BatchName.Parse(new string('x', 600));
        string[] names = [
            longest.Value, longest.Key, longest.ResultsFolder, BatchName.Parse(longest.ResultsFolder).ResultsFolder,
            "a", "a/runs/1", "a/runs/1/runs/2", BatchName.Parse("a/runs/1").ResultsFolder, "a/runs", "runs/1", "a/runs/1x", "a~b"];

        var places = names.SelectMany(name => new[] { "report.json", "runs/1/report.json", "runs/1/runs/2/report.json" }
            .Select(file => $"{BatchName.Parse(name).ResultsFolder}/{file}")).ToList();
        Assert.Equal(places.Count, places.Distinct().Count());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a/runs")]
    [InlineData("runs/1")]
    [InlineData("a/runs/1x")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("photos-0123456789abcdef0123456789abcdef")]
    public void A_name_that_leads_into_no_other_batch_is_its_own_folder(string name)
    {
        Assert.Equal(name, BatchName.Parse(name).ResultsFolder);
        Assert.Null(BatchName.Parse(name).EarlierResultsFolder);
    }

    [Fact]
    public void A_name_whose_place_has_changed_says_where_version_1_0_stored_it()
    {
        var longest = $"a/runs/1/{new string('x', 503)}";
        foreach (var name in new[] { "a/runs/1", longest }) Assert.Equal(name, BatchName.Parse(name).EarlierResultsFolder);
        var tooLong = BatchName.Parse(longest + "x");
        Assert.Equal(tooLong.Key, tooLong.EarlierResultsFolder);
    }

    [Theory]
    [InlineData("a", 1, true)]
    [InlineData("a/b", 1, false)]
    [InlineData("a/b", 2, true)]
    [InlineData("a/b/c", 2, false)]
    public void A_batch_has_no_more_folders_than_name_one(string name, int depth, bool isWithin) =>
        Assert.Equal(isWithin, BatchName.Parse(name).IsWithin(depth));

    [Fact]
    public void A_depth_of_zero_folders_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => BatchName.FromBlob("a/b", 0, out _));

    [Fact]
    public void A_name_travels_as_json_and_a_bad_one_is_refused()
    {
        Assert.Equal("\"a/b\"", System.Text.Json.JsonSerializer.Serialize(BatchName.Parse("a/b")));
        Assert.Equal(BatchName.Parse("a/b"), System.Text.Json.JsonSerializer.Deserialize<BatchName>("\"a/b\""));
        var refused = Assert.Throws<System.Text.Json.JsonException>(() => System.Text.Json.JsonSerializer.Deserialize<BatchName>("\"..\""));
        Assert.StartsWith("Not a batch name.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_an_unassigned_name_throws()
    {
        Assert.Equal("A batch name was never assigned.", Assert.Throws<InvalidOperationException>(() => default(BatchName).Value).Message);
        Assert.Equal("", default(BatchName).ToString());
    }
}
