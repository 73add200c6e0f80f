using System.Text;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Tests.Text;

public class TextDecoderTests
{
    private const string German = "Grüße aus Köln: die Prüfung der Lieferung ist für Dienstag geplant, und das Büro schließt früher.";

    static TextDecoderTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static TheoryData<string, byte[]> Encoded => new()
    {
        { "utf-8", new UTF8Encoding(false).GetBytes(German) },
        { "utf-8", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(German)] },
        { "utf-16", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(German)] },
        { "utf-16", Encoding.Unicode.GetBytes(German) },
        { "utf-16BE", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(German)] },
        { "utf-16BE", Encoding.BigEndianUnicode.GetBytes(German) },
        { "utf-32", [.. Encoding.UTF32.Preamble, .. Encoding.UTF32.GetBytes(German)] },
        { "windows-1252", Encoding.GetEncoding(1252).GetBytes(German) },
    };

    [Theory]
    [MemberData(nameof(Encoded))]
    public void A_text_is_read_in_the_encoding_it_was_written_in(string name, byte[] bytes)
    {
        var content = TextDecoder.Decode(bytes).Value;
        Assert.Equal((name, German), (content.Encoding, content.Text));
    }

    [Theory]
    [InlineData("windows-1251", "Доброе утро! Сегодня мы обсуждаем поставку оборудования и сроки выполнения работ по договору.")]
    [InlineData("shift_jis", "本日の会議では、新しい製品の発売日と予算について話し合いました。次回は金曜日です。")]
    [InlineData("gb18030", "今天的会议讨论了新产品的发布日期和预算，下次会议定于星期五上午举行。")]
    [InlineData("koi8-r", "Доброе утро! Сегодня мы обсуждаем поставку оборудования и сроки выполнения работ по договору.")]
    public void A_legacy_encoding_is_recognised_and_noted(string name, string text)
    {
        var content = TextDecoder.Decode(Encoding.GetEncoding(name).GetBytes(text)).Value;
        Assert.Equal(text, content.Text);
        Assert.Contains(content.Encoding!, content.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Line_ends_become_newlines_and_control_characters_go()
    {
        var padding = new string('x', 100);
        var content = TextDecoder.Decode(Encoding.UTF8.GetBytes($"a\r\nb\rc\nd\fe\u2028f\tg\0h{padding}")).Value;
        Assert.Equal($"a\nb\nc\nd\ne\nf\tgh{padding}", content.Text);
        Assert.Equal("1 character could not be read.", content.Note);
    }

    [Fact]
    public void A_text_cut_within_a_character_is_still_read()
    {
        var bytes = Encoding.UTF8.GetBytes(German + "ü")[..^1];
        var content = TextDecoder.Decode(bytes).Value;
        Assert.StartsWith(German, content.Text, StringComparison.Ordinal);
        Assert.Equal("utf-8", content.Encoding);
        Assert.NotNull(content.Note);
    }

    [Fact]
    public void Bytes_that_are_not_text_are_undecodable()
    {
        var noise = new byte[4096];
        new Random(1).NextBytes(noise);
        Assert.Equal(FailureCodes.UndecodableText, TextDecoder.Decode(noise).Failure?.Code);
        Assert.Equal(FailureCodes.UndecodableText, TextDecoder.Decode(new byte[64]).Failure?.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t ")]
    [InlineData("\uFEFF")]
    public void A_file_without_a_word_is_empty(string text) =>
        Assert.Equal(FailureCodes.EmptyFile, TextDecoder.Decode(Encoding.UTF8.GetBytes(text)).Failure?.Code);

    [Fact]
    public async Task A_text_over_the_limit_is_refused_without_being_read_to_its_end()
    {
        var options = new TextOptions { MaxBytes = 1024 };
        using var fits = new MemoryStream(Encoding.UTF8.GetBytes(new string('a', 1024)));
        using var larger = new MemoryStream(Encoding.UTF8.GetBytes(new string('a', 1_000_000)));

        Assert.Equal(1024, (await TextDecoder.DecodeAsync(fits, options, CancellationToken.None)).Value.Text.Length);
        Assert.Equal(FailureCodes.TextTooLarge, (await TextDecoder.DecodeAsync(larger, options, CancellationToken.None)).Failure?.Code);
        Assert.Equal(1025, larger.Position);
    }
}
