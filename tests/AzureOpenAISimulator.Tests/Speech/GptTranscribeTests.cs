using System.Text.Json.Nodes;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Tests.Wire;
using Microsoft.Extensions.Time.Testing;

namespace AzureOpenAISimulator.Tests.Speech;

/// <summary>gpt-transcribe: hints, detected languages, billing by the minute, and where Azure answers for it.</summary>
public sealed class GptTranscribeTests
{
    private const string V1 = "v1/audio/transcriptions";
    private const string Model = "gpt-transcribe";

    [Fact]
    public async Task It_answers_with_words_languages_and_seconds_and_costs_by_the_minute()
    {
        var time = new FakeTimeProvider(new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Time = time });
        var recording = Wav.Tone(90, rate: 4000);
        simulator.Know(new KnownContent(Sha256.Of(recording), "Guten Tag. Grüezi mitenand.", Languages: ["de", "fr"]));

        (string, string)[] fields = [("model", Model), ("keywords[]", "Grundfos"), ("keywords[]", "Käse & Co")];
        var reply = await simulator.TranscribeAsync(V1, recording, fields: fields);

        const string expected = """
            {"text":"Guten Tag. Grüezi mitenand.","languages":[{"code":"de"},{"code":"fr"}],"usage":{"type":"duration","seconds":90}}
            """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), reply.Json), reply.Text);
        var line = Assert.Single(simulator.Bill.Lines);
        Assert.Equal((90, 0.00675m), (line.Usage.AudioSeconds, line.Usd));
    }

    [Fact]
    public async Task It_writes_plain_text_too()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var recording = Wav.Tone(1);
        simulator.Know(new KnownContent(Sha256.Of(recording), "Mind the gap."));
        var reply = await simulator.TranscribeAsync(V1, recording, fields: [("model", Model), ("response_format", "text")]);
        Assert.Equal(("text/plain; charset=utf-8", "Mind the gap.\n"), (reply.ContentType, reply.Text));
    }

    [Theory]
    [InlineData("Words.", "", "en")]
    [InlineData("Words.", "nl|de", "nl")]
    [InlineData("", "nl", "")]
    public async Task Languages_are_those_hinted_at_and_none_where_nothing_is_said(string words, string hints, string heard)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var recording = Wav.Tone(1);
        simulator.Know(new KnownContent(Sha256.Of(recording), words));
        var languages = hints.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(code => ("languages[]", code));
        var reply = await simulator.TranscribeAsync(V1, recording, fields: [("model", Model), .. languages]);
        Assert.Equal(heard, string.Join('|', reply.Json["languages"]!.AsArray().Select(language => (string)language!["code"]!)));
    }

    [Theory]
    [InlineData("a<b")]
    [InlineData("a>b")]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    public async Task A_keyword_with_brackets_or_line_breaks_is_refused(string keyword)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.TranscribeAsync(V1, Wav.Tone(1), fields: [("model", Model), ("keywords[]", "fine"), ("keywords[]", keyword)]);
        Assert.Equal((400, "invalid_value", "keywords[]"), (reply.Status, reply.ErrorCode, reply.ErrorParam));
        Assert.Empty(simulator.Bill.Lines);
    }

    [Theory]
    [InlineData("en", 200)]
    [InlineData("yue", 200)]
    [InlineData("zh-TW", 200)]
    [InlineData("xx", 400)]
    [InlineData("eng", 400)]
    [InlineData("english", 400)]
    [InlineData("en-US", 400)]
    public async Task Wrong_codes_of_languages_are_refused(string code, int status)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.TranscribeAsync(V1, Wav.Tone(1), fields: [("model", Model), ("languages[]", code)]);
        Assert.Equal(status, reply.Status);
        if (status == 400) Assert.Equal(("invalid_language_format", "languages[]"), (reply.ErrorCode, reply.ErrorParam));
    }

    [Fact]
    public async Task One_language_and_several_exclude_each_other()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var both = await simulator.TranscribeAsync(V1, Wav.Tone(1), fields: [("model", Model), ("language", "en"), ("languages[]", "en")]);
        var one = await simulator.TranscribeAsync(V1, Wav.Tone(1), fields: [("model", Model), ("language", "en")]);
        Assert.Equal((400, "invalid_parameter_combination", 200), (both.Status, both.ErrorCode, one.Status));
    }

    [Theory]
    [InlineData("gpt-4o-transcribe", "keywords[]", "Grundfos")]
    [InlineData("gpt-4o-mini-transcribe", "languages[]", "en")]
    [InlineData("gpt-4o-transcribe", "known_speaker_names[]", "Anna")]
    [InlineData("gpt-transcribe", "known_speaker_names[]", "Anna")]
    [InlineData("gpt-transcribe", "include[]", "logprobs")]
    [InlineData("gpt-4o-transcribe-diarize", "prompt", "Grundfos")]
    [InlineData("gpt-4o-transcribe-diarize", "keywords[]", "Grundfos")]
    public async Task What_a_model_does_not_know_is_refused(string model, string field, string value)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.TranscribeAsync(V1, Wav.Tone(1), fields: [("model", model), (field, value)]);
        Assert.Equal((400, "unsupported_parameter", field), (reply.Status, reply.ErrorCode, reply.ErrorParam));
    }

    [Theory]
    [InlineData("auto", 200)]
    [InlineData("""{"type":"server_vad","threshold":0.5}""", 200)]
    [InlineData("sentences", 400)]
    public async Task A_chunking_strategy_is_auto_or_describes_pauses(string strategy, int status)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.TranscribeAsync(V1, Wav.Tone(1), fields: [("model", Model), ("chunking_strategy", strategy)]);
        Assert.Equal(status, reply.Status);
    }

    [Fact]
    public async Task More_than_25_MB_is_too_much()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.TranscribeAsync(V1, Wav.Tone(820), fields: ("model", Model));
        Assert.Equal(413, reply.Status);
    }

    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, 404)]
    public async Task Azure_answers_on_both_paths_or_on_the_deployments_path_alone(bool onV1, int status)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Deploy(new Deployment("speech", ModelFamilies.Find(Model), OnV1: onV1));

        var v1 = await simulator.TranscribeAsync("openai/v1/audio/transcriptions", Wav.Tone(1), fields: ("model", "speech"));
        var deployments = await simulator.TranscribeAsync(RawCalls.Transcriptions("speech", "2025-04-01-preview"), Wav.Tone(1));
        var older = await simulator.TranscribeAsync(RawCalls.Transcriptions("speech"), Wav.Tone(1));

        Assert.Equal((status, 200, 400), (v1.Status, deployments.Status, older.Status));
        if (!onV1) Assert.Equal("DeploymentNotFound", v1.ErrorCode);
        // What Azure asks for it was not published.
        Assert.All(simulator.Bill.Lines, line => Assert.Null(line.Usd));
    }

    [Fact]
    public async Task The_4o_line_ends_its_answer_at_2000_tokens_without_a_word_and_gpt_transcribe_does_not()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var recording = Wav.Tone(1);
        simulator.Know(new KnownContent(Sha256.Of(recording), new string('w', 4 * 2500)));
        var older = await simulator.TranscribeAsync(V1, recording, fields: ("model", "gpt-4o-transcribe"));
        var newer = await simulator.TranscribeAsync(V1, recording, fields: ("model", Model));
        Assert.Equal((2000, 8000), ((int)older.Json["usage"]!["output_tokens"]!, ((string)older.Json["text"]!).Length));
        Assert.Equal(10_000, ((string)newer.Json["text"]!).Length);
    }
}
