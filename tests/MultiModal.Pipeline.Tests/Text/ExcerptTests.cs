using System.Text;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Tests.Text;

public class ExcerptTests
{
    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("one two three four", 12, "one two…")]
    [InlineData("unbrokenstretch", 8, "unbroke…")]
    [InlineData("ab😀cd", 4, "ab…")]
    public void A_long_text_ends_at_a_word_or_a_whole_character(string text, int longest, string expected) =>
        Assert.Equal(expected, Excerpt.Shorten(text, longest));

    [Fact]
    public void Bytes_are_counted_as_UTF_8()
    {
        var text = string.Concat(Enumerable.Repeat("日本語😀", 1000));
        var excerpt = Excerpt.OfBytes(text, 4096);
        Assert.InRange(Encoding.UTF8.GetByteCount(excerpt), 4080, 4096);
        Assert.StartsWith(excerpt[..^1], text, StringComparison.Ordinal);
        Assert.Equal("日本", Excerpt.OfBytes("日本", 6));
    }
}
