using System.Security.Cryptography;
using System.Text.Json;

namespace MultiModal.Conformance.Tests;

/// <summary>Who speaks, in a recording that is heard in several pieces.</summary>
public sealed class SpeechTests : ConformanceTest
{
    private readonly SimulatorClient simulator = new();

    public override async Task DisposeAsync()
    {
        simulator.Dispose();
        await base.DisposeAsync();
    }

    [SkippableFact]
    public async Task Speakers_are_the_same_in_all_pieces_of_a_recording_and_a_second_run_asks_no_model()
    {
        var batch = NewBatch();
        await DropAsync(batch, "batch.json", """{ "start": "manual", "speakers": true, "languages": ["de", "en"], "outputLanguage": "fr" }""");
        double[] voices = [110, 150, 200];
        var said = Enumerable.Range(0, 24).Select(i => (Hertz: voices[i % (i < 8 ? 2 : 3)], Seconds: 2.2)).ToList();
        await DropAsync(batch, "talk.wav", ToneVoices.Saying(0.6 + (RandomNumberGenerator.GetInt32(1000) / 10_000.0), said));
        await Host.WaitForStatusAsync(batch, "held");
        var before = await simulator.CallsAsync();

        var report = await Host.RunAgainAsync(batch);

        var item = report.Item("talk.wav");
        var audio = item.GetProperty("audio");
        Assert.Equal("succeeded", item.Status());
        Assert.InRange(audio.GetProperty("chunks").GetInt32(), 2, 6);
        Assert.Equal(audio.GetProperty("chunks").GetInt32() + 1, await simulator.MediaCallsSinceAsync(before));
        Assert.Equal(
            ["Speaker 1", "Speaker 2", "Speaker 3"],
            audio.GetProperty("speakers").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.Equal("fr", report.GetProperty("options").GetProperty("outputLanguage").GetString());
        var detail = await Results.GetBlobClient($"{batch}/{item.GetProperty("detail").GetString()}").DownloadContentAsync();
        var names = voices.Index().ToDictionary(v => $"Voice {v.Item} speaks.", v => $"Speaker {v.Index + 1}");
        Assert.All(
            JsonDocument.Parse(detail.Value.Content).RootElement.GetProperty("audio").GetProperty("segments").EnumerateArray(),
            segment => Assert.Equal(names[segment.GetProperty("text").GetString()!], segment.GetProperty("speaker").GetString()));

        var asked = await simulator.CallsAsync();
        await Host.RunAgainAsync(batch);
        Assert.Equal(asked, await simulator.CallsAsync());
    }
}
