using AzureOpenAISimulator.Hearing;
using AzureOpenAISimulator.Tests.Speech;
using AzureOpenAISimulator.Tests.Wire;

namespace AzureOpenAISimulator.Tests.Hearing;

public sealed class ListenerTests
{
    [Fact]
    public async Task Pitches_from_70_to_900_hertz_are_told_to_one_percent()
    {
        for (var hertz = 70.0; hertz < 900; hertz *= 1.07)
        {
            var utterance = Assert.Single(await HearAsync(ToneVoices.Saying(0.3, (hertz, 1))));
            Assert.InRange(utterance.Hertz, hertz * 0.99, hertz * 1.01);
        }
    }

    [Theory]
    [InlineData(".flac", 44_100)]
    [InlineData(".mp3", 22_050)]
    [InlineData(".ogg", 48_000)]
    [InlineData(".m4a", 16_000)]
    [InlineData(".wav", 44_100)]
    public async Task Utterances_survive_every_format_and_rate(string extension, int rate)
    {
        using var folder = new TemporaryFolder();
        var (original, encoded) = (folder["original.wav"], folder[$"encoded{extension}"]);
        await File.WriteAllBytesAsync(original, ToneVoices.Saying(0.5, (150, 1.5), (260, 1), (150, 1)));
        await Tool.FfmpegAsync("-i", original, "-ar", $"{rate}", "-ac", "2", encoded);

        var utterances = Listener.Listen(await Waveform.DecodeAsync(await File.ReadAllBytesAsync(encoded), extension, CancellationToken.None));

        Assert.Equal(["Voice 150 speaks.", "Voice 260 speaks.", "Voice 150 speaks."], utterances.Select(utterance => utterance.Words));
        Assert.InRange(utterances[1].Start, 2.4, 2.65);
    }

    [Fact]
    public async Task Real_speech_of_two_voices_is_told_apart()
    {
        using var folder = new TemporaryFolder();
        var low = await SayAsync(folder["1.wav"], "kal16", "The committee agreed to move the meeting to Thursday.");
        var high = await SayAsync(folder["2.wav"], "slt", "Please bring the printed report and the keys.");
        var lowAgain = await SayAsync(folder["3.wav"], "kal16", "The bus leaves at nine from the harbour.");
        const string oneAfterTheOther = "[0]apad=pad_dur=0.6[a];[1]apad=pad_dur=0.6[b];[a][b][2]concat=n=3:v=0:a=1";
        await Tool.FfmpegAsync("-i", low, "-i", high, "-i", lowAgain, "-filter_complex", oneAfterTheOther, folder["both.wav"]);

        var utterances = await HearAsync(await File.ReadAllBytesAsync(folder["both.wav"]));
        var names = Speakers.Name(utterances, [], "a recording");

        Assert.Equal(3, names.Count);
        Assert.Equal(names[0], names[2]);
        Assert.NotEqual(names[0], names[1]);
    }

    [Fact]
    public async Task Any_model_listens_where_a_test_asks_for_it()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Settings = new() { HearsVoices = true } });
        var recording = ToneVoices.Saying(0.5, (220, 1), (330, 1));
        var plain = await simulator.TranscribeAsync("v1/audio/transcriptions", recording, fields: ("model", "gpt-transcribe"));
        var timed = await simulator.TranscribeAsync(RawCalls.Transcriptions("whisper"), recording, fields: ("response_format", "verbose_json"));
        Assert.Equal("Voice 220 speaks. Voice 330 speaks.", (string?)plain.Json["text"]);
        Assert.Equal(2, timed.Json["segments"]!.AsArray().Count);
        Assert.InRange((double)timed.Json["segments"]![1]!["start"]!, 1.95, 2.05);
    }

    private static async Task<IReadOnlyList<Utterance>> HearAsync(byte[] wav) =>
        Listener.Listen(await Waveform.DecodeAsync(wav, ".wav", CancellationToken.None));

    private static async Task<string> SayAsync(string path, string voice, string text)
    {
        await Tool.FfmpegAsync("-f", "lavfi", "-i", $"flite=text='{text}':voice={voice}", "-ar", "16000", path);
        return path;
    }
}
