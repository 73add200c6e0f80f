using System.Text.Json;
using MultiModal.Pipeline.Ai.Chat;

namespace MultiModal.Pipeline.Tests.Ai;

public class CutAnswerTests
{
    private const string Text = "Page 1\n\"Übermorgen\" \u2013 \ud83d\ude00 \\ end";

    private static readonly string Whole = JsonSerializer.Serialize(new { description = "A page.", text = Text, tags = new[] { "page", "print" } });

    [Fact]
    public void What_there_is_of_an_answer_is_read_wherever_it_was_cut()
    {
        for (var length = 0; length <= Whole.Length; length++)
        {
            var read = CutAnswer.Read(Whole[..length], VisionPrompt.Schema);
            if (length < Whole.IndexOf("A page.", StringComparison.Ordinal))
            {
                Assert.Null(read);
                continue;
            }

            Assert.StartsWith(read!.Value.GetProperty("description").GetString()!, "A page.", StringComparison.Ordinal);
            Assert.StartsWith(read.Value.GetProperty("text").GetString()!, Text, StringComparison.Ordinal);
            Assert.All(read.Value.GetProperty("tags").EnumerateArray(), tag => Assert.Contains(tag.GetString(), new[] { "page", "print" }));
        }
    }

    [Fact]
    public void Nothing_is_lost_of_a_text_but_the_escape_that_was_cut()
    {
        var cut = CutAnswer.Read(Whole[..(Whole.IndexOf("end", StringComparison.Ordinal) + 2)], VisionPrompt.Schema)!.Value;
        Assert.Equal(Text[..^1], cut.GetProperty("text").GetString());
        Assert.Equal(0, cut.GetProperty("tags").GetArrayLength());
    }

    [Fact]
    public void A_list_loses_the_entry_that_was_being_written()
    {
        var cut = CutAnswer.Read(Whole[..^4], VisionPrompt.Schema)!.Value;
        Assert.Equal(["page"], cut.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1, 2")]
    [InlineData("{")]
    [InlineData("{\"description\"")]
    [InlineData("{\"description\": {\"a\": 1")]
    [InlineData("{nonsense")]
    public void What_is_not_the_beginning_of_the_answer_that_was_asked_for_is_nothing(string answer) =>
        Assert.Null(CutAnswer.Read(answer, VisionPrompt.Schema));
}
