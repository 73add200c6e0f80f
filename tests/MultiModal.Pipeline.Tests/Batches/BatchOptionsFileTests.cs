using System.Text;
using System.Text.Json;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Tests.Batches;

public sealed class BatchOptionsFileTests
{
    [Fact]
    public async Task Every_option_is_read()
    {
        var options = await ReadAsync("""
            {
              // What the batch wishes.
              "language": "de", "instructions": "Minutes of a meeting.", "vocabulary": "Räksmörgås", "detail": "low", "maxEdge": 2048,
              "chunkSeconds": 300, "speakers": true, "start": "manual", "webhook": "https://example.com/done",
            }
            """);
        Assert.Equal(
            new BatchOptions
            {
                Language = "de", Instructions = "Minutes of a meeting.", Vocabulary = "Räksmörgås", Detail = "low", MaxEdge = 2048,
                ChunkSeconds = 300, Speakers = true, Start = StartMode.Manual, Webhook = "https://example.com/done",
            },
            options.Value);
    }

    [Fact]
    public async Task An_illustration_is_asked_for_by_true_or_by_what_it_shall_be()
    {
        Assert.Equal(new IllustrationOptions(), (await ReadAsync("""{ "illustration": true }""")).Value.Illustration);
        Assert.Equal(new IllustrationOptions(), (await ReadAsync("""{ "illustration": {} }""")).Value.Illustration);
        Assert.Null((await ReadAsync("""{ "illustration": false }""")).Value.Illustration);
        Assert.Equal(
            new IllustrationOptions("In watercolour.", "1536x1024", "high"),
            (await ReadAsync("""{ "illustration": { "prompt": "In watercolour.", "size": "1536x1024", "quality": "high" } }""")).Value.Illustration);
    }

    [Fact]
    public async Task An_illustration_is_written_as_it_is_read_and_one_that_nobody_asks_for_is_not_written()
    {
        var asked = BatchOptions.Default with { Illustration = new IllustrationOptions(Size: "1024x1024") };
        Assert.Equal(asked, (await BatchOptionsFile.ParseAsync(BatchOptionsFile.Write(asked).ToStream(), CancellationToken.None)).Value);
        Assert.DoesNotContain("illustration", BatchOptionsFile.Write(BatchOptions.Default).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("illustration", JsonSerializer.Serialize(BatchOptions.Default, PipelineJson.Options), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", "\"illustration\" must be true, false or an object")]
    [InlineData("null", "\"illustration\" must be true, false or an object")]
    [InlineData("{ \"size\": \"auto\" }", "\"illustration.size\" must be a size such as")]
    [InlineData("{ \"size\": 1024 }", "\"illustration.size\" must be a size such as")]
    [InlineData("{ \"quality\": \"auto\" }", "\"illustration.quality\" must be")]
    [InlineData("{ \"prompt\": [] }", "\"illustration.prompt\" must be text of at most 1000 characters")]
    [InlineData("{ \"n\": 10 }", "there is no option \"illustration.n\"")]
    [InlineData("{ \"model\": \"dearer\" }", "there is no option \"illustration.model\"")]
    public async Task A_wrong_illustration_is_named_with_what_is_right(string value, string expected) =>
        Assert.Contains(expected, (await ReadAsync($"{{ \"illustration\": {value} }}")).Failure!.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{}")]
    [InlineData("\uFEFF{}")]
    [InlineData("{ \"start\": \"auto\" }")]
    public async Task An_option_that_is_not_set_is_left_to_the_host(string json) => Assert.Equal(BatchOptions.Default, (await ReadAsync(json)).Value);

    [Theory]
    [InlineData("maxEdge", 64, 8192, "pixels")]
    [InlineData("chunkSeconds", 30, 3600, "seconds")]
    public async Task A_number_has_its_range_ends_included(string field, int least, int most, string unit)
    {
        foreach (var value in new[] { least, most }) Assert.True((await ReadAsync($"{{ \"{field}\": {value} }}")).Succeeded);
        foreach (var value in new[] { $"{least - 1}", $"{most + 1}", "1e99", $"{least}.5", $"\"{least}\"", "null" })
        {
            await RefusesAsync($"{{ \"{field}\": {value} }}", $"batch.json: \"{field}\" must be a whole number from {least} to {most} ({unit}).");
        }
    }

    [Theory]
    [InlineData("language", "\"deu\"", "an ISO 639-1 code such as \"de\"")]
    [InlineData("language", "\"DE\"", "an ISO 639-1 code such as \"de\"")]
    [InlineData("language", "5", "an ISO 639-1 code such as \"de\"")]
    [InlineData("outputLanguage", "\"English\"", "an ISO 639-1 code such as \"de\"")]
    [InlineData("languages", "\"de\"", "one to 8 ISO 639-1 codes such as [\"de\", \"en\"]")]
    [InlineData("languages", "[]", "one to 8 ISO 639-1 codes such as [\"de\", \"en\"]")]
    [InlineData("languages", "[\"de\", 5]", "one to 8 ISO 639-1 codes such as [\"de\", \"en\"]")]
    [InlineData("languages", "[\"aa\",\"ab\",\"ae\",\"af\",\"ak\",\"am\",\"an\",\"ar\",\"as\"]", "one to 8 ISO 639-1 codes such as [\"de\", \"en\"]")]
    [InlineData("speakers", "\"yes\"", "true or false")]
    [InlineData("detail", "\"most\"", "\"auto\", \"low\" or \"high\"")]
    [InlineData("detail", "null", "\"auto\", \"low\" or \"high\"")]
    [InlineData("start", "\"never\"", "\"auto\" or \"manual\"")]
    [InlineData("instructions", "[]", "text of at most 4000 characters")]
    [InlineData("vocabulary", "{}", "text of at most 1000 characters")]
    [InlineData("webhook", "\"http://example.com\"", "an https address, or http on the loopback interface")]
    [InlineData("webhook", "1", "an https address, or http on the loopback interface")]
    public Task A_wrong_value_is_named_with_what_is_right(string field, string value, string expected) =>
        RefusesAsync($"{{ \"{field}\": {value} }}", $"batch.json: \"{field}\" must be {expected}.");

    [Theory]
    [InlineData("""{ "language": "de" }""", "de", "de")]
    [InlineData("""{ "language": "de", "outputLanguage": "en" }""", "de", "en")]
    [InlineData("""{ "languages": ["de", "en", "de"] }""", "de en", null)]
    [InlineData("""{ "languages": ["de", "en"], "outputLanguage": "fr" }""", "de en", "fr")]
    [InlineData("""{ "outputLanguage": "fr" }""", "", "fr")]
    public async Task What_is_spoken_is_also_written_unless_the_batch_says_otherwise(string json, string spoken, string? written)
    {
        var options = (await ReadAsync(json)).Value;
        Assert.Equal((spoken, written), (string.Join(' ', options.Spoken), options.WrittenIn));
    }

    [Fact]
    public Task Languages_that_are_spoken_are_named_in_one_field() => RefusesAsync(
        """{ "languages": ["de"], "language": "de" }""",
        "batch.json: \"language\" and \"languages\" both say what is spoken. Keep one of them, and set \"outputLanguage\" for what is written.");

    [Theory]
    [InlineData("instructions", 4000)]
    [InlineData("vocabulary", 1000)]
    public async Task A_text_has_a_longest_length(string field, int longest)
    {
        Assert.True((await ReadAsync($"{{ \"{field}\": \"{new string('x', longest)}\" }}")).Succeeded);
        await RefusesAsync(
            $"{{ \"{field}\": \"{new string('x', longest + 1)}\" }}", $"batch.json: \"{field}\" must be text of at most {longest} characters.");
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("low")]
    [InlineData("high")]
    public async Task Each_detail_is_taken(string detail) => Assert.Equal(detail, (await ReadAsync($"{{ \"detail\": \"{detail}\" }}")).Value.Detail);

    [Fact]
    public async Task An_option_that_does_not_exist_is_named_and_a_long_name_shortened()
    {
        const string options =
            "The options are language, languages, outputLanguage, speakers, instructions, vocabulary, detail, maxEdge, chunkSeconds, patience, "
            + "illustration, start and webhook.";
        await RefusesAsync("""{ "langauge": "de" }""", $"batch.json: there is no option \"langauge\". {options}");
        await RefusesAsync($"{{ \"{new string('n', 40)}\": 1 }}", $"batch.json: there is no option \"{new string('n', 40)}\". {options}");
        await RefusesAsync($"{{ \"{new string('n', 41)}\": 1 }}", $"batch.json: there is no option \"{new string('n', 40)}…\". {options}");
    }

    [Theory]
    [InlineData("[]", "batch.json: it must be a JSON object.")]
    [InlineData("7", "batch.json: it must be a JSON object.")]
    [InlineData("", "batch.json: it is not JSON (line 1).")]
    [InlineData("{\n  \"language\": \"de\"\n  \"detail\": \"low\"\n}", "batch.json: it is not JSON (line 3).")]
    public Task Json_that_is_not_an_object_is_refused_with_its_line(string json, string message) => RefusesAsync(json, message);

    [Fact]
    public async Task A_file_of_64_KiB_is_read_and_a_larger_one_is_not()
    {
        Assert.True((await ReadAsync("{}" + new string(' ', (64 << 10) - 2))).Succeeded);
        await RefusesAsync("{}" + new string(' ', (64 << 10) - 1), "batch.json: it is larger than 64 KiB.");
    }

    [Fact]
    public void The_written_file_contains_only_the_set_options_and_reads_back_the_same()
    {
        var options = new BatchOptions { Language = "de", MaxEdge = 512, Start = StartMode.Manual };
        using var written = JsonDocument.Parse(BatchOptionsFile.Write(options));
        Assert.Equal(["language", "maxEdge", "start"], written.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(options, BatchOptionsFile.Parse(written.RootElement).Value);
    }

    [Fact]
    public void The_file_lies_at_the_top_of_its_batch() => Assert.Equal("a/b/batch.json", BatchOptionsFile.BlobName(BatchName.Parse("a/b")));

    private static async Task<Outcome<BatchOptions>> ReadAsync(string json)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return await BatchOptionsFile.ParseAsync(content, CancellationToken.None);
    }

    private static async Task RefusesAsync(string json, string message)
    {
        var failure = (await ReadAsync(json)).Failure;
        Assert.Equal((FailureCodes.InvalidBatchOptions, message), (failure?.Code, failure?.Message));
    }
}
