using System.Text.Json.Nodes;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Tests.Media;
using AzureOpenAISimulator.Tests.Wire;

namespace AzureOpenAISimulator.Tests.Speech;

/// <summary>What transcriptions refuse, and their formats; shapes of openai/openai-dotnet, tests/SessionRecords/TranscriptionTests.</summary>
public sealed class TranscriptionRulesTests
{
    private const string V1 = "openai/v1/audio/transcriptions";

    [Theory]
    [InlineData("text", "text/plain; charset=utf-8", "One. Two!\n")]
    [InlineData("srt", "text/plain; charset=utf-8", "1\n00:00:00,000 --> 00:00:01,000\nOne.\n\n2\n00:00:01,000 --> 00:00:02,000\nTwo!\n\n\n")]
    [InlineData("vtt", "text/plain; charset=utf-8", "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nOne.\n\n00:00:01.000 --> 00:00:02.000\nTwo!\n\n")]
    [InlineData("json", "application/json", """{"text":"One. Two!","usage":{"type":"duration","seconds":2}}""")]
    public async Task Whisper_writes_each_format_as_recorded(string format, string contentType, string expected)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var recording = Wav.Tone(2);
        simulator.Know(new KnownContent(Sha256.Of(recording), "One. Two!"));
        var reply = await simulator.TranscribeAsync(RawCalls.Transcriptions("whisper"), recording, fields: ("response_format", format));
        Assert.Equal((200, contentType, expected), (reply.Status, reply.ContentType, reply.Text));
    }

    [Theory]
    [InlineData(null, true, false)]
    [InlineData("segment", true, false)]
    [InlineData("word", false, true)]
    public async Task Granularities_choose_segments_or_words(string? granularity, bool segments, bool words)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        List<(string, string)> fields = [("response_format", "verbose_json")];
        if (granularity is not null) fields.Add(("timestamp_granularities[]", granularity));
        var reply = await simulator.TranscribeAsync(RawCalls.Transcriptions("whisper"), Wav.Tone(2), fields: [.. fields]);
        Assert.Equal((segments, words), (reply.Json["segments"] is not null, reply.Json["words"] is not null));
        Assert.Equal(2.0, (double)reply.Json["duration"]!);
    }

    [Fact]
    public async Task Silence_has_no_words_and_no_segments()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var recording = Wav.Tone(2);
        simulator.Know(new KnownContent(Sha256.Of(recording), ""));
        var reply = await simulator.TranscribeAsync(RawCalls.Transcriptions("whisper"), recording, fields: ("response_format", "verbose_json"));
        Assert.Equal("", (string?)reply.Json["text"]);
        Assert.Empty(reply.Json["segments"]!.AsArray());
    }

    [Theory]
    [InlineData("gpt-4o-transcribe", "text", "'json'")]
    [InlineData("gpt-4o-transcribe", "verbose_json", "'json'")]
    [InlineData("gpt-4o-mini-transcribe", "srt", "'json'")]
    [InlineData("gpt-4o-mini-transcribe", "diarized_json", "'json'")]
    [InlineData("gpt-4o-transcribe-diarize", "verbose_json", "'json' or 'text' or 'diarized_json'")]
    [InlineData("gpt-transcribe", "verbose_json", "'json' or 'text'")]
    [InlineData("gpt-transcribe", "srt", "'json' or 'text'")]
    [InlineData("gpt-transcribe", "vtt", "'json' or 'text'")]
    public async Task The_newer_models_write_their_own_formats_only(string model, string format, string taken)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.TranscribeAsync(V1, Wav.Tone(1), fields: [("model", model), ("response_format", format)]);
        Assert.Equal((400, "unsupported_value", "response_format"), (reply.Status, reply.ErrorCode, reply.ErrorParam));
        Assert.Equal($"response_format '{format}' is not compatible with model '{model}'. Use {taken} instead.", reply.ErrorMessage);
    }

    [Fact]
    public async Task The_newer_models_are_metered_in_tokens()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var recording = Wav.Tone(6.4625);
        simulator.Know(new KnownContent(Sha256.Of(recording), "Thanks for calling."));
        var reply = await simulator.TranscribeAsync(V1, recording, fields: ("model", "gpt-4o-transcribe"));
        // 64 audio tokens: TranscriptionWithAutoChunkingStrategyWorks, audio_meeting.wav.
        const string usage = """
            {"type":"tokens","total_tokens":69,"input_tokens":64,"input_token_details":{"text_tokens":0,"audio_tokens":64},"output_tokens":5}
            """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(usage), reply.Json["usage"]));
    }

    [Fact]
    public async Task The_newer_models_refuse_granularities_and_more_than_1500_seconds()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        (string, string)[] fields = [("model", "gpt-4o-transcribe"), ("timestamp_granularities[]", "word")];
        var granular = await simulator.TranscribeAsync(V1, Wav.Tone(1), fields: fields);
        var longer = await simulator.TranscribeAsync(V1, Wav.Tone(1501, rate: 4000), fields: ("model", "gpt-4o-transcribe"));
        Assert.Equal((400, "timestamp_granularities[]"), (granular.Status, granular.ErrorParam));
        Assert.Equal((400, "invalid_value"), (longer.Status, longer.ErrorCode));
        Assert.Equal("audio duration 1501 seconds is longer than 1500 seconds which is the maximum for this model", longer.ErrorMessage);
    }

    [Fact]
    public async Task More_than_25_MB_is_too_much()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.TranscribeAsync(RawCalls.Transcriptions("whisper"), Wav.Tone(820));
        Assert.Equal(413, reply.Status);
        Assert.StartsWith("Maximum content size limit (26214400) exceeded (", reply.ErrorMessage, StringComparison.Ordinal);
        Assert.Empty(simulator.Bill.Lines);
    }

    [Fact]
    public async Task Undecodable_short_and_misnamed_files_are_refused()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        async Task<Reply> SendAsync(byte[] file, string name) => await simulator.TranscribeAsync(RawCalls.Transcriptions("whisper"), file, name);

        Assert.StartsWith("Invalid file format.", (await SendAsync("not audio at all"u8.ToArray(), "a.wav")).ErrorMessage, StringComparison.Ordinal);
        Assert.StartsWith("Unrecognized file format.", (await SendAsync(Wav.Tone(1), "a.bin")).ErrorMessage, StringComparison.Ordinal);
        Assert.Equal("audio_too_short", (await SendAsync(Wav.Tone(0.05), "a.wav")).ErrorCode);
    }

    [Fact]
    public async Task A_wrong_language_is_refused_as_recorded()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        const string wrong = "this should cause an error";
        var reply = await simulator.TranscribeAsync(RawCalls.Transcriptions("whisper"), Wav.Tone(1), fields: ("language", wrong));
        Assert.Equal((400, "invalid_language_format", "language"), (reply.Status, reply.ErrorCode, reply.ErrorParam));
        Assert.Equal("Invalid language 'this should cause an error'. Language parameter must be specified in ISO-639-1 format.", reply.ErrorMessage);
    }

    [Fact]
    public async Task A_call_without_a_file_is_refused()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var form = new MultipartFormDataContent { { new StringContent("json"), "response_format" } };
        var reply = await simulator.SendAsync(RawCalls.Transcriptions("whisper"), form);
        Assert.Equal((400, "file"), (reply.Status, reply.ErrorParam));
    }
}
