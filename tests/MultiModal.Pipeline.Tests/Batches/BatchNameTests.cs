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
}
