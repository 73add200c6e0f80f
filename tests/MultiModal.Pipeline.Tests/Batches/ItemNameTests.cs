using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Tests.Batches;

public sealed class ItemNameTests
{
    [Theory]
    [InlineData("holiday", 1, "a.jpg")]
    [InlineData("holiday", 1, "day 1/a.jpg")]
    [InlineData("holiday/day 1", 2, "a.jpg")]
    [InlineData("holiday", 2, "a.jpg")]
    public void A_name_and_its_batch_are_a_blob_of_that_batch(string batch, int depth, string text)
    {
        Assert.True(ItemName.TryParse(BatchName.Parse(batch), depth, text, out var name));
        Assert.Equal((BatchName.Parse(batch), text, $"{batch}/{text}", text), (name.Batch, name.Value, name.BlobName, name.ToString()));
    }

    [Theory]
    [InlineData("holiday", 1, null)]
    [InlineData("holiday", 1, "")]
    [InlineData("holiday", 1, "../a.jpg")]
    [InlineData("holiday", 1, "day 1//a.jpg")]
    [InlineData("holiday", 2, "day 1/a.jpg")]
    [InlineData("holiday/day 1", 1, "a.jpg")]
    public void A_text_that_cannot_name_a_blob_of_the_batch_is_not_an_item_name(string batch, int depth, string? text) =>
        Assert.False(ItemName.TryParse(BatchName.Parse(batch), depth, text, out _));

    [Fact]
    public void Batch_and_name_together_are_as_long_as_a_blob_name_may_be()
    {
        var batch = BatchName.Parse(new string('b', 500));
        Assert.True(ItemName.TryParse(batch, 1, new string('n', 523), out _));
        Assert.False(ItemName.TryParse(batch, 1, new string('n', 524), out _));
    }

    [Fact]
    public void Reading_an_unassigned_name_throws()
    {
        Assert.Equal("An item name was never assigned.", Assert.Throws<InvalidOperationException>(() => default(ItemName).Value).Message);
        Assert.Equal("", default(ItemName).ToString());
    }
}
