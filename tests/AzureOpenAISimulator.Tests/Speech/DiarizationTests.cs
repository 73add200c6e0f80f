using System.Text.Json.Nodes;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Tests.Wire;

namespace AzureOpenAISimulator.Tests.Speech;

/// <summary>gpt-4o-transcribe-diarize: who speaks when, told by the sound alone.</summary>
public sealed class DiarizationTests
{
    private const string V1 = "v1/audio/transcriptions";

    private static readonly (string, string)[] Fields =
        [("model", "gpt-4o-transcribe-diarize"), ("response_format", "diarized_json"), ("chunking_strategy", "auto")];

    [Fact]
    public async Task Every_utterance_has_its_time_its_words_and_its_speaker()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var recording = ToneVoices.Saying(0.5, (220, 1.5), (330, 2), (220, 1));

        var reply = await simulator.TranscribeAsync(V1, recording, fields: Fields);

        Assert.Equal(("transcribe", 6.5), ((string?)reply.Json["task"], (double)reply.Json["duration"]!));
        Assert.Equal("Voice 220 speaks. Voice 330 speaks. Voice 220 speaks.", (string?)reply.Json["text"]);
        var segments = Segments(reply);
        Assert.Equal(["Voice 220 speaks.", "Voice 330 speaks.", "Voice 220 speaks."], segments.Select(segment => segment.Text));
        foreach (var (segment, (start, end)) in segments.Zip([(0.5, 2.0), (2.5, 4.5), (5.0, 6.0)]))
        {
            Assert.InRange(segment.Start, start - 0.05, start + 0.05);
            Assert.InRange(segment.End, end - 0.05, end + 0.05);
        }
        Assert.Equal(segments[0].Speaker, segments[2].Speaker);
        Assert.Equal(["A", "B"], segments.Select(segment => segment.Speaker).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal("transcript.text.segment", (string?)reply.Json["segments"]![0]!["type"]);
        Assert.Equal(65, Assert.Single(simulator.Bill.Lines).Usage.AudioTokens);
    }

    [Fact]
    public async Task Five_speakers_are_five_and_their_letters_change_from_recording_to_recording()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        double[] voices = [110, 140, 180, 230, 300];
        var orders = new HashSet<string>();
        for (var piece = 0; piece < 8; piece++)
        {
            var recording = ToneVoices.Saying(0.4, [.. voices.Select(hertz => (hertz, 1 + piece / 10.0))]);
            var first = Segments(await simulator.TranscribeAsync(V1, recording, fields: Fields));
            var again = Segments(await simulator.TranscribeAsync(V1, recording, fields: Fields));
            Assert.Equal(first, again);
            Assert.Equal(["A", "B", "C", "D", "E"], first.Select(segment => segment.Speaker).Order(StringComparer.Ordinal));
            orders.Add(string.Concat(first.Select(segment => segment.Speaker)));
        }
        Assert.InRange(orders.Count, 4, 8);
    }

    [Fact]
    public async Task Voices_that_are_known_by_a_sample_have_their_names_and_strangers_have_letters()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var recording = ToneVoices.Saying(0.4, (180, 2), (240, 2), (320, 2), (180, 1));
        (string, string)[] fields =
        [
            .. Fields,
            ("known_speaker_names[]", "Anna"), ("known_speaker_references[]", ToneVoices.DataUrl(ToneVoices.Saying(0.2, (320, 2.5)))),
            ("known_speaker_names[]", "Jonas"), ("known_speaker_references[]", ToneVoices.DataUrl(ToneVoices.Saying(0.2, (180, 2.5)))),
        ];
        var reply = await simulator.TranscribeAsync(V1, recording, fields: fields);

        Assert.Equal(["Jonas", "A", "Anna", "Jonas"], Segments(reply).Select(segment => segment.Speaker));
        var kept = System.Text.Json.JsonSerializer.Serialize(Assert.Single(simulator.Requests));
        Assert.DoesNotContain("base64", kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_voice_that_speaks_on_without_a_pause_is_divided_where_another_begins()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var segments = Segments(await simulator.TranscribeAsync(V1, ToneVoices.Saying(0, (150, 2), (250, 2)), fields: Fields));
        Assert.Equal(["Voice 150 speaks.", "Voice 250 speaks."], segments.Select(segment => segment.Text));
        Assert.InRange(segments[1].Start, 1.9, 2.1);
    }

    [Fact]
    public async Task Words_that_a_test_has_told_are_dealt_out_over_the_utterances()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var recording = ToneVoices.Saying(0.5, (220, 2), (330, 1));
        simulator.Know(new KnownContent(Sha256.Of(recording), "one two three four five six"));
        var reply = await simulator.TranscribeAsync(V1, recording, fields: Fields);
        Assert.Equal(["one two three four", "five six"], Segments(reply).Select(segment => segment.Text));
        Assert.Equal("one two three four five six", (string?)reply.Json["text"]);
    }

    [Fact]
    public async Task Silence_has_no_segments()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.TranscribeAsync(V1, Wav.Silence(3), fields: Fields);
        Assert.Equal("", (string?)reply.Json["text"]);
        Assert.Empty(reply.Json["segments"]!.AsArray());
    }

    [Theory]
    [InlineData(29.9, false, 200)]
    [InlineData(31, false, 400)]
    [InlineData(31, true, 200)]
    public async Task Past_30_seconds_it_wants_to_know_how_to_cut(double seconds, bool chunking, int status)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.TranscribeAsync(V1, Wav.Tone(seconds, rate: 8000), fields: chunking ? Fields : Fields[..2]);
        Assert.Equal(status, reply.Status);
        if (status == 400) Assert.Equal("chunking_strategy is required for diarization models", reply.ErrorMessage);
    }

    [Theory]
    [InlineData(1.9, 1, 400)]
    [InlineData(2, 1, 200)]
    [InlineData(10, 4, 200)]
    [InlineData(10.1, 1, 400)]
    [InlineData(3, 5, 400)]
    public async Task References_last_2_to_10_seconds_and_are_at_most_four(double seconds, int count, int status)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var references = Enumerable.Range(0, count).SelectMany(number => new[]
        {
            ("known_speaker_names[]", $"Speaker {number}"), ("known_speaker_references[]", ToneVoices.DataUrl(Wav.Tone(seconds, rate: 8000))),
        });
        var reply = await simulator.TranscribeAsync(V1, ToneVoices.Saying(0.3, (220, 1)), fields: [.. Fields, .. references]);
        Assert.Equal(status, reply.Status);
    }

    [Theory]
    [InlineData("known_speaker_names[]", "Anna")]
    [InlineData("known_speaker_references[]", "data:audio/wav;base64,UklGRg==")]
    public async Task A_name_without_a_sample_and_a_sample_without_a_name_are_refused(string field, string value)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.TranscribeAsync(V1, Wav.Tone(1), fields: [.. Fields, (field, value)]);
        Assert.Equal((400, "invalid_value"), (reply.Status, reply.ErrorCode));
    }

    [Theory]
    [InlineData("https://example.com/anna.wav")]
    [InlineData("data:image/png;base64,UklGRg==")]
    [InlineData("data:audio/wav;base64,UklGRg==")]
    public async Task A_sample_that_is_no_recording_is_refused(string reference)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        (string, string)[] fields = [.. Fields, ("known_speaker_names[]", "Anna"), ("known_speaker_references[]", reference)];
        Assert.Equal(400, (await simulator.TranscribeAsync(V1, Wav.Tone(1), fields: fields)).Status);
    }

    [Theory]
    [InlineData("json", "text", "usage")]
    [InlineData("diarized_json", "task", "duration", "text", "segments", "usage")]
    public async Task Each_format_has_its_own_properties(string format, params string[] properties)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        (string, string)[] fields = [("model", "gpt-4o-transcribe-diarize"), ("response_format", format)];
        var reply = await simulator.TranscribeAsync(V1, ToneVoices.Saying(0.3, (220, 1)), fields: fields);
        Assert.Equal(properties, reply.Json.AsObject().Select(property => property.Key));
    }

    private static List<Segment> Segments(Reply reply) =>
    [
        .. reply.Json["segments"]!.AsArray().Select(segment =>
            new Segment((double)segment!["start"]!, (double)segment["end"]!, (string)segment["text"]!, (string)segment["speaker"]!)),
    ];

    private sealed record Segment(double Start, double End, string Text, string Speaker);
}
