using AzureOpenAISimulator;
using AzureOpenAISimulator.Settings;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Tests.Reports;

namespace MultiModal.Pipeline.Tests.Runs;

/// <summary>Recordings through whole runs, heard by models that differ in what they say beside the words.</summary>
[Collection(SharedAzurite.Name)]
public sealed class SpeechRunTests(AzuriteFixture azurite) : IAsyncLifetime
{
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
        await process.DropAsync("meeting/talk.wav", Voices.Saying(1.2, said));

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
        var recording = Voices.Saying(1.2, [.. Enumerable.Range(0, 30).Select(i => (110.0 + (110 * (i % 3)), 1.5))]);
        await HearAsAnOlderBuildAsync(process, recording, "What an older build heard.");
        await process.DropAsync("meeting/talk.wav", recording);

        var report = await process.RunAsync("meeting");

        Assert.Equal("What an older build heard.", Assert.Single(report.Items).Audio!.Transcript);
        Assert.Equal(0, Hearings());
    }

    [Fact]
    public async Task Pieces_of_an_older_build_that_another_model_has_heard_are_cut_anew()
    {
        await using var process = await StartAsync("gpt-transcribe");
        var recording = Voices.Saying(1.2, [.. Enumerable.Range(0, 30).Select(i => (110.0 + (110 * (i % 3)), 1.5))]);
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
        await process.DropAsync("meeting/talk.wav", Voices.Saying(1, (110, 2), (220, 2)));
        await process.DropAsync("meeting/note.txt", "The pump was delivered.");

        var report = await process.RunAsync("meeting");

        Assert.Equal("fr", report.Options.OutputLanguage);
        var heard = Assert.Single(simulator.Requests, r => r.Media.Count > 0);
        Assert.Equal("de", (string?)heard.Body!["language"]);
        Assert.Contains("Write in French", Assert.Single(simulator.Requests, r => r.Media.Count == 0).Body!.ToJsonString(), StringComparison.Ordinal);
        await ReportSchema.HoldsAsync(
            (await process.Account.Results.GetBlobClient("meeting/report.json").DownloadContentAsync()).Value.Content.ToString());
    }

    /// <summary>Leaves what builds before 1.1 left of a recording that they cut, and what a model heard of it where that is given.</summary>
    private static async Task HearAsAnOlderBuildAsync(PipelineProcess process, byte[] recording, string? transcript)
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
            CacheKey.Create("transcribe-audio", hash, 1, new EngineIdentity("AzureOpenAI", "gpt-transcribe", "speech-1 unknown model"), null, null),
            batch, new CachedAnswer<Transcript>(
                new Transcript([new TranscriptSegment(0, piece.DurationSeconds, transcript)], "en"), "AzureOpenAI/gpt-transcribe", Usage.None, 0.01m,
                DateTimeOffset.UnixEpoch), default);
    }

    /// <summary>Made voices are tones, which are no speech to the network.</summary>
    private async Task<PipelineProcess> StartAsync(string model)
    {
        var process = new PipelineProcess(
            storage, simulator, ("Ai:Speech:Deployment", model), ("Audio:SpeechActivity", nameof(SpeechActivityMethod.Level)));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        return process;
    }

    private int Hearings() => simulator.Requests.Count(r => r.Path.EndsWith("/audio/transcriptions", StringComparison.Ordinal));
}
