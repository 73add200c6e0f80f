using MultiModal.Pipeline.Reports;

namespace MultiModal.Pipeline.Tests.Reports;

public class MarkdownTests
{
    [Theory]
    [InlineData("plain words, 12.50 EUR (net).", "plain words, 12.50 EUR (net).")]
    [InlineData("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;")]
    [InlineData("![x](http://evil/a.png)", "!\\[x\\](http&#58;//evil/a.png)")]
    [InlineData("see www.evil.com", "see www&#46;evil.com")]
    [InlineData("mail me@evil.com", "mail me&#64;evil.com")]
    [InlineData("a | b", "a \\| b")]
    [InlineData("# heading", "\\# heading")]
    [InlineData("1. list", "1\\. list")]
    [InlineData("- list", "\\- list")]
    [InlineData("two\nlines\r\n# here", "two lines # here")]
    [InlineData("`code` *bold* _it_ ~~s~~ $m$ \\", "\\`code\\` \\*bold\\* \\_it\\_ \\~\\~s\\~\\~ \\$m\\$ \\\\")]
    [InlineData("gpj.\u202Eexe\u200B", "gpj.\\\\u202Eexe\\\\u200B")]
    [InlineData("a\u0007\tb", "a\\\\u0007 b")]
    [InlineData("\U0001F468\u200D\U0001F469", "\U0001F468\u200D\U0001F469")]
    [InlineData("&lt;", "&amp;lt;")]
    [InlineData("www.evil.com", "www&#46;evil.com")]
    [InlineData("w. ww. Ww.", "w. ww. Ww.")]
    [InlineData("/path", "/path")]
    [InlineData(" \n indented", "indented")]
    [InlineData("2026", "2026")]
    [InlineData("3 apples", "3 apples")]
    [InlineData(". a dot", ". a dot")]
    [InlineData("12) list", "12\\) list")]
    [InlineData("\U0001002A", "\U0001002A")]
    public void Inline_text_is_shown_as_plain_text(string text, string expected) => Assert.Equal(expected, Markdown.Inline(text));

    [Fact]
    public void A_block_shows_what_is_hidden_and_keeps_its_lines() =>
        Assert.Equal("```text\ngpj.\\u202Eexe\n\tb\n```", Markdown.Block("gpj.\u202Eexe\r\n\tb"));

    [Theory]
    [InlineData("a\n```\n# out\n```", "````")]
    [InlineData("`````", "``````")]
    [InlineData("nothing", "```")]
    public void Block_text_cannot_close_its_own_fence(string text, string fence)
    {
        var lines = Markdown.Block(text).Split('\n');
        Assert.Equal(fence + "text", lines[0]);
        Assert.Equal(fence, lines[^1]);
        Assert.DoesNotContain(lines[1..^1], l => l.Trim().StartsWith(fence, StringComparison.Ordinal));
    }
}
