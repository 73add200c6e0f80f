using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Tests.Text;

public sealed class HtmlDocumentsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_page_is_read_as_its_readers_see_it()
    {
        const string page =
            """
            <!DOCTYPE html>
            <html><head><title>Harbour &amp; market</title><style>p { color: red }</style><script>var tracked = "by us";</script></head>
            <body>
            <!-- not for readers -->
            <h1>Market &ndash; Saturday</h1>
            <p>Fresh   bread
            and&nbsp;apples cost 2&nbsp;&euro;.<br>Cash only.</p>
            <ul><li>Anna: bread</li><li>Jonas: apples <b>and pears</b></li></ul>
            <ol start="3"><li>third</li><li>fourth</li></ol>
            <table><caption>Prices</caption><tr><th>what</th><th>price</th></tr><tr><td>bread</td><td>3 &euro;</td></tr></table>
            <p><img src="map.png" alt="A map of the stalls"><img src="dot.png" alt=""></p>
            <pre>a  b
              c</pre>
            <div hidden>unseen 1</div><div style="Display : none">unseen 2</div><template>unseen 3</template><noscript>unseen 4</noscript>
            <form><label>Name <input value="Grün"></label><input type="hidden" value="unseen 5"><input type="password" value="unseen 6">
            <textarea>two
            lines</textarea></form>
            </body></html>
            """;
        var text = (await ReadAsync(page)).Text;
        Assert.Equal(
            """
            # Harbour & market

            # Market – Saturday

            Fresh bread and apples cost 2 €.
            Cash only.

            - Anna: bread
            - Jonas: apples and pears

            3. third
            4. fourth

            Prices
            what | price
            bread | 3 €

            [A map of the stalls]

            a  b
              c

            Name Grün
            two
            lines
            """.ReplaceLineEndings("\n"),
            text);
    }

    [Fact]
    public async Task A_title_that_the_page_repeats_is_read_once() =>
        Assert.Equal("# Prices", (await ReadAsync("<html><title>Prices</title><body><h1> Prices </h1></body></html>")).Text);

    [Theory]
    [InlineData("<meta charset=windows-1251>", 1251, "Привет")]
    [InlineData("<meta http-equiv=\"Content-Type\" content=\"text/html; charset=Shift_JIS\">", 932, "港の事務所")]
    [InlineData("<meta charset=\"iso-8859-1\">", 1252, "“Größe” – 5 €")]
    [InlineData("<?xml version=\"1.0\" encoding=\"iso-8859-2\"?>", 28592, "Łódź")]
    [InlineData("<meta charset=\"utf-8\">", 65001, "Łódź 港")]
    [InlineData("<meta charset=\"latin1\">", 65001, "Łódź is UTF-8 whatever the page says")]
    [InlineData("<meta charset=\"no-such-thing\">", 65001, "Łódź")]
    public async Task The_encoding_is_the_one_that_the_page_names_unless_its_bytes_say_otherwise(string head, int codePage, string words)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var page = Encoding.GetEncoding(codePage).GetBytes($"{head}<html><body><p>{words}</p></body></html>");
        Assert.Equal(words, (await ReadAsync(page)).Text);
    }

    [Fact]
    public async Task A_byte_order_mark_is_believed_first()
    {
        byte[] page = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("<html><meta charset=\"latin1\"><body>Łódź</body></html>")];
        Assert.Equal("Łódź", (await ReadAsync(page)).Text);
    }

    [Fact]
    public async Task What_older_versions_read_is_kept_so_that_their_answers_are_found()
    {
        var read = await ReadAsync("<html><body><p>Bread</p></body></html>");
        Assert.Equal(("Bread", "<html><body><p>Bread</p></body></html>"), (read.Text, read.Former));
    }

    [Fact]
    public async Task A_page_without_text_fails_with_a_code()
    {
        var failure = (await TryAsync("<html><body><div id=app></div><script src=app.js></script></body></html>"u8.ToArray())).Failure;
        Assert.Equal(FailureCodes.EmptyFile, failure?.Code);
        Assert.Contains("scripts", failure?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<div>")]
    [InlineData("<ul><li>")]
    [InlineData("<svg><g>")]
    [InlineData("<a href=x><p>")]
    public async Task A_page_that_nests_without_end_is_bounded_in_memory_and_time(string tag)
    {
        var page = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(tag, 900_000 / tag.Length)) + "text");
        var watch = Stopwatch.StartNew();
        var outcome = await TryAsync(page, new DecoderOptions { MaxMegabytes = 512, TimeoutSeconds = 3 });
        Assert.True(
            outcome.Succeeded || outcome.Failure!.Code is FailureCodes.UndecodableText or FailureCodes.FileTooLarge or FailureCodes.StepTimedOut
                or FailureCodes.TextTooLarge,
            outcome.Failure?.ToString());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    private Task<TextContent> ReadAsync(string page) => ReadAsync(Encoding.UTF8.GetBytes(page));

    private async Task<TextContent> ReadAsync(byte[] page)
    {
        var outcome = await TryAsync(page);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome.Value;
    }

    private Task<Outcome<TextContent>> TryAsync(byte[] page, DecoderOptions? options = null) =>
        new HtmlDocuments(options is null ? Decoders.Usual : Decoders.With(options), Options.Create(new TextOptions()))
            .ReadAsync(page, folder[$"{Guid.NewGuid():N}"], CancellationToken.None);
}
