using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Settings;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Estimates;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Tests.Reports;

namespace MultiModal.Pipeline.Tests.Runs;

/// <summary>Recordings through whole runs, heard by models that differ in what they say beside the words.</summary>
[Collection(SharedAzurite.Name)]
public sealed class SpeechRunTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const string Diarizing = "gpt-4o-transcribe-diarize";

    private readonly string storage = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;

    public async Task InitializeAsync() =>
        simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Settings = new SimulatorSettings { HearsVoices = true } });

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    [Fact]
    public async Task A_model_without_times_hears_short_pieces_and_its_captions_are_where_the_voices_are()
    {
        await using var process = await StartAsync("gpt-transcribe");
        (double Hertz, double Seconds)[] said = [.. Enumerable.Range(0, 30).Select(i => (110.0 + (110 * (i % 3)), 1.5))];
        await process.DropAsync("meeting/talk.wav", ToneVoices.Saying(1.2, said));

        var report = await process.RunAsync("meeting");

        var audio = Assert.Single(report.Items).Audio!;
        Assert.InRange(audio.Chunks, 2, 4);
        var detail = (await process.Account.Results.ReadJsonAsync<ItemDetail>("meeting/runs/1/items/0.json", default))!.Value;
        var starts = detail.Audio!.Segments.Select(s => s.StartSeconds).ToList();
        Assert.Equal(said.Length, starts.Count);
        Assert.All(starts.Index(), start => Assert.InRange(start.Item, (start.Index * 2.7) + 0.9, (start.Index * 2.7) + 1.5));
        Assert.Equal(audio.Chunks, Hearings());
    }

    [Fact]
    public async Task What_a_model_without_times_has_heard_in_the_long_pieces_of_an_older_build_is_not_paid_for_again()
    {
        await using var process = await StartAsync("gpt-transcribe");
        var recording = ToneVoices.Saying(1.2, [.. Enumerable.Range(0, 30).Select(i => (110.0 + (110 * (i % 3)), 1.5))]);
        await HearAsAnOlderBuildAsync(process, recording, "What an older build heard.");
        await process.DropAsync("meeting/talk.wav", recording);

        var report = await process.RunAsync("meeting");

        Assert.Equal("What an older build heard.", Assert.Single(report.Items).Audio!.Transcript);
        Assert.Equal(0, Hearings());
    }

    [Fact]
    public async Task What_a_diarizing_model_told_an_older_build_is_not_paid_for_again_unless_speakers_are_asked_for()
    {
        await using var process = await StartAsync(Diarizing);
        var recording = ToneVoices.Saying(1.2, (110, 1.5), (150, 1.5));
        await HearAsAnOlderBuildAsync(process, recording, "What an older build heard.", Diarizing, Diarizing);
        await process.DropAsync("meeting/talk.wav", recording);
        Assert.Equal("What an older build heard.", Assert.Single((await process.RunAsync("meeting")).Items).Audio!.Transcript);
        Assert.Equal(0, Hearings());

        await process.DropAsync("meeting/batch.json", """{ "speakers": true }""");
        var report = await process.RunAsync("meeting", 2);

        Assert.Equal("Speaker 1: Voice 110 speaks.\nSpeaker 2: Voice 150 speaks.", Assert.Single(report.Items).Audio!.Transcript);
        Assert.Equal(1, Hearings());
    }

    [Fact]
    public async Task Pieces_of_an_older_build_that_another_model_has_heard_are_cut_anew()
    {
        await using var process = await StartAsync("gpt-transcribe");
        var recording = ToneVoices.Saying(1.2, [.. Enumerable.Range(0, 30).Select(i => (110.0 + (110 * (i % 3)), 1.5))]);
        await HearAsAnOlderBuildAsync(process, recording, transcript: null);
        await process.DropAsync("meeting/talk.wav", recording);

        var report = await process.RunAsync("meeting");

        Assert.InRange(Assert.Single(report.Items).Audio!.Chunks, 2, 4);
    }

    [Fact]
    public async Task What_is_spoken_is_told_to_the_model_that_hears_and_what_is_written_to_those_that_write()
    {
        await using var process = await StartAsync("whisper");
        await process.DropAsync("meeting/batch.json", """{ "language": "de", "outputLanguage": "fr" }""");
        await process.DropAsync("meeting/talk.wav", ToneVoices.Saying(1, (110, 2), (220, 2)));
        await process.DropAsync("meeting/note.txt", "The pump was delivered.");

        var report = await process.RunAsync("meeting");

        Assert.Equal("fr", report.Options.OutputLanguage);
        var heard = Assert.Single(simulator.Requests, r => r.Media.Count > 0);
        Assert.Equal("de", (string?)heard.Body!["language"]);
        Assert.Contains("Write in French", Assert.Single(simulator.Requests, r => r.Media.Count == 0).Body!.ToJsonString(), StringComparison.Ordinal);
        await ReportSchema.HoldsAsync(
            (await process.Account.Results.GetBlobClient("meeting/report.json").DownloadContentAsync()).Value.Content.ToString());
    }

    [Fact]
    public async Task Five_speakers_are_the_same_in_all_pieces_however_the_model_calls_them_in_each()
    {
        await using var process = await StartAsync(Diarizing, ("Audio:ChunkSeconds", "20"));
        var said = Talk();
        await process.DropAsync("meeting/batch.json", """{ "speakers": true }""");
        await process.DropAsync("meeting/talk.wav", ToneVoices.Saying(0.6, said));

        var report = await process.RunAsync("meeting");

        var item = Assert.Single(report.Items);
        Assert.InRange(item.Audio!.Chunks, 5, 9);
        Assert.Equal(item.Audio.Chunks + 1, Hearings());
        var segments = (await process.Account.Results.ReadJsonAsync<ItemDetail>("meeting/runs/1/items/0.json", default))!.Value.Audio!.Segments;
        var names = said.Select(s => s.Hertz).Distinct().Index().ToDictionary(s => $"Voice {s.Item} speaks.", s => $"Speaker {s.Index + 1}");
        Assert.InRange(segments.Count(s => s.Speaker == names[s.Text]) / (double)said.Length, 0.95, 1);
        Assert.Equal(["Speaker 1", "Speaker 2", "Speaker 3", "Speaker 4", "Speaker 5"], item.Audio.Speakers!.Select(s => s.Name));
        Assert.Equal([FailureCodes.SpeakersMany], item.Warnings.Select(w => w.Code));

        // Each piece but the first was heard with samples of those who speak in the first, and nobody else.
        var told = simulator.Requests.Where(r => r.Media.Count > 0).Select(r => r.Body!).ToList();
        Assert.False(told[0].ContainsKey("known_speaker_names[]"));
        Assert.All(told.Skip(1), fields => Assert.Equal("Speaker 1,Speaker 2", (string?)fields["known_speaker_names[]"]));
        Assert.Equal(2, told.Skip(1).SelectMany(fields => $"{fields["known_speaker_references[]"]}".Split(',')).Distinct().Count());
    }

    [Fact]
    public async Task Who_speaks_stands_in_the_report_and_the_captions_and_costs_nothing_again()
    {
        await using var process = await StartAsync(Diarizing, ("Audio:ChunkSeconds", "20"));
        await process.DropAsync("meeting/batch.json", """{ "speakers": true }""");
        await process.DropAsync("meeting/talk.wav", ToneVoices.Saying(0.6, Talk()));
        await process.RunAsync("meeting");
        var asked = Hearings();

        var again = await process.RunAsync("meeting", 2);

        Assert.Equal(asked, Hearings());
        Assert.Equal(0, again.Cost.SpentUsd);
        Assert.StartsWith("Speaker 1: Voice 110 speaks.", again.Items[0].Audio!.Transcript, StringComparison.Ordinal);
        var report = await ReadAsync(process, "report.json");
        await ReportSchema.HoldsAsync(report);
        Assert.Contains("Speakers: Speaker 1 (", await ReadAsync(process, "report.md"), StringComparison.Ordinal);
        Assert.Contains("<v Speaker 2>Voice 150 speaks.", await ReadAsync(process, "runs/2/items/0.vtt"), StringComparison.Ordinal);
        Assert.Contains("\nSpeaker 2: Voice 150 speaks.\n", await ReadAsync(process, "runs/2/items/0.srt"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recording_of_the_same_model_names_nobody_unless_the_batch_asks_for_it_and_shares_the_answer_to_its_first_piece()
    {
        await using var process = await StartAsync(Diarizing, ("Audio:ChunkSeconds", "20"));
        var recording = ToneVoices.Saying(0.6, Talk());
        await process.DropAsync("plain/talk.wav", recording);
        var plain = await process.RunAsync("plain");
        Assert.Null(plain.Items[0].Audio!.Speakers);
        Assert.StartsWith("Voice 110 speaks. Voice 150 speaks.", plain.Items[0].Audio!.Transcript, StringComparison.Ordinal);
        var asked = Hearings();
        Assert.Equal(plain.Items[0].Audio!.Chunks, asked);

        await process.DropAsync("meeting/batch.json", """{ "speakers": true }""");
        await process.DropAsync("meeting/talk.wav", recording);
        await process.RunAsync("meeting");

        Assert.Equal(2 * asked, Hearings());
    }

    [Fact]
    public async Task A_model_that_cannot_tell_speakers_apart_is_said_and_the_transcript_is_there()
    {
        await using var process = await StartAsync("whisper");
        await process.DropAsync("meeting/batch.json", """{ "speakers": true }""");
        await process.DropAsync("meeting/talk.wav", ToneVoices.Saying(0.6, (110, 2), (150, 2)));

        var item = Assert.Single((await process.RunAsync("meeting")).Items);

        Assert.Equal((ItemStatus.Succeeded, FailureCodes.SpeakersUnsupported), (item.Status, Assert.Single(item.Warnings).Code));
        Assert.Null(item.Audio!.Speakers);
        Assert.Contains("Voice 110 speaks.", item.Audio.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_the_voices_cannot_be_compared_those_that_are_known_in_one_piece_alone_are_said_to_be_unknown()
    {
        await using var process = await StartAsync(Diarizing, ("Audio:ChunkSeconds", "20"), ("Ai:MaxAttempts", "1"));
        await process.DropAsync("meeting/batch.json", """{ "speakers": true }""");
        await process.DropAsync("meeting/talk.wav", ToneVoices.Saying(0.6, Talk()));
        var estimate = await process.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("meeting"), CancellationToken.None);
        simulator.Play(new ScriptRule(new Fault(FaultKind.ServerError)) { From = estimate.Value.Items[0].Calls + 1 });

        var item = Assert.Single((await process.RunAsync("meeting")).Items);

        Assert.Equal(ItemStatus.Succeeded, item.Status);
        Assert.Equal([FailureCodes.SpeakersUnmatched], item.Warnings.Select(w => w.Code));
        Assert.Equal(2, item.Audio!.Speakers!.Count(s => s.Name.StartsWith("Speaker", StringComparison.Ordinal)));
        Assert.Contains(item.Audio.Speakers!, s => s.Name == "Unknown speaker 1");
    }

    /// <summary>Two who speak from the beginning, and three who come later, one after the other.</summary>
    private static (double Hertz, double Seconds)[] Talk()
    {
        double[] voices = [110, 150, 200, 270, 360];
        return [.. Enumerable.Range(0, 48).Select(i => (voices[i % Math.Min(5, 2 + (i / 10))], 2.2))];
    }

    private static async Task<string> ReadAsync(PipelineProcess process, string name) =>
        (await process.Account.Results.GetBlobClient($"meeting/{name}").DownloadContentAsync()).Value.Content.ToString();

    /// <summary>Leaves what builds before 1.1 left of a recording that they cut, and what a model heard of it where that is given.</summary>
    private static async Task HearAsAnOlderBuildAsync(
        PipelineProcess process, byte[] recording, string? transcript, string model = "gpt-transcribe", string keyedAs = "unknown model")
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["talk.wav"], recording);
        var speech = process.Get<EngineSet>().Speech!;
        var cache = process.Get<ContentCache>();
        var request = new AudioRequest(speech.Limits, 600, TrimSilence: true);
        var key = CacheKey.Create("prepare-audio", ContentHash.Compute(recording), 1, AudioPreparer.Version, request);
        var prepared = (await process.Get<AudioPreparer>().PrepareAsync(folder["talk.wav"], "audio/wav", request, folder.Path, default)).Value;
        var piece = Assert.Single(prepared.Chunks);
        var hash = ContentHash.Compute(await File.ReadAllBytesAsync(piece.FilePath));
        await using var file = File.OpenRead(piece.FilePath);
        await cache.StoreFileAsync($"{key.Name}/chunk-00000", file, piece.MediaType, default);
        var batch = BatchName.Parse("meeting");
        await cache.StoreAsync(
            key, batch, new CachedAnswer<PreparedAudioRecord>(
                new PreparedAudioRecord(prepared.Plan, key.Name, [hash], "level"), null, Usage.None, 0, DateTimeOffset.UnixEpoch), default);
        if (transcript is null) return;
        await cache.StoreAsync(
            CacheKey.Create("transcribe-audio", hash, 1, new EngineIdentity("AzureOpenAI", model, $"speech-1 {keyedAs}"), null, null),
            batch, new CachedAnswer<Transcript>(
                new Transcript([new TranscriptSegment(0, piece.DurationSeconds, transcript)], "en"), $"AzureOpenAI/{model}", Usage.None, 0.01m,
                DateTimeOffset.UnixEpoch), default);
    }

    /// <summary>Made voices are tones, which are no speech to the network.</summary>
    private async Task<PipelineProcess> StartAsync(string model, params (string Key, string Value)[] settings)
    {
        var process = new PipelineProcess(
            storage, simulator,
            [("Ai:Speech:Deployment", model), ("Audio:SpeechActivity", nameof(SpeechActivityMethod.Level)), .. settings]);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        return process;
    }

    private int Hearings() => simulator.Requests.Count(r => r.Path.EndsWith("/audio/transcriptions", StringComparison.Ordinal));
}
