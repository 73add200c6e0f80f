using System.Text.Json;
using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

public sealed class ChunkingTests(Speech speech) : IClassFixture<Speech>
{
    [Fact]
    public async Task Pieces_lose_no_words_at_their_seams()
    {
        var recording = await RecordedSpeech.MakeAsync(speech.Folder, seconds: 100, seed: 1, shortestPause: 0.5, longestPause: 1.5);
        var wav = recording.Write(Path.Combine(speech.NewFolder(), "minutes.wav"));
        var limits = Speech.Offline with { MaxSeconds = 600 };
        var whole = Speech.HearAsync(await speech.PrepareAsync(wav, limits));
        var pieces = await speech.PrepareAsync(wav, limits, chunkSeconds: 25);
        var chunked = await Speech.HearAsync(pieces);

        Assert.InRange(pieces.Chunks.Count, 3, 6);
        foreach (var seam in pieces.Chunks.Skip(1).Select(c => c.Spans[0].OriginalStart))
        {
            Assert.DoesNotContain(recording.Said, s => s.Start < seam && seam < s.End);
        }

        var wholeError = recording.WordError((await whole).Transcript.Text);
        Assert.InRange(wholeError, 0, 0.15);
        Assert.InRange(recording.WordError(chunked.Transcript.Text), 0, wholeError + 0.01);
        AssertTimes(recording, chunked);
    }

    [Fact]
    public async Task Omitted_silence_does_not_shift_the_times()
    {
        var recording = await RecordedSpeech.MakeAsync(speech.Folder, seconds: 60, seed: 2, shortestPause: 3, longestPause: 9);
        recording.AddSilence(20);
        var wav = recording.Write(Path.Combine(speech.NewFolder(), "pauses.wav"));
        var prepared = await speech.PrepareAsync(wav, chunkSeconds: 20);
        Assert.Equal(recording.Seconds, prepared.DurationSeconds, tolerance: 0.01);
        var spoken = recording.Said.Sum(s => s.End - s.Start);
        Assert.InRange(prepared.SentSeconds, spoken, spoken + (recording.Said.Count * 1.0));
        Assert.Equal(prepared.SentSeconds, prepared.Chunks.Sum(c => c.Spans.Sum(s => s.Seconds)), 6);
        AssertTimes(recording, await Speech.HearAsync(prepared));
    }

    [Fact]
    public async Task Silence_is_sent_where_that_is_wanted()
    {
        var recording = await RecordedSpeech.MakeAsync(speech.Folder, seconds: 15, seed: 3, shortestPause: 4, longestPause: 5);
        var prepared = await speech.PrepareAsync(recording.Write(Path.Combine(speech.NewFolder(), "all.wav")), trim: false);
        Assert.Equal(prepared.DurationSeconds, prepared.SentSeconds, 6);
        Assert.Single(Assert.Single(prepared.Chunks).Spans);
    }

    [Theory]
    [InlineData("audio/wav")]
    [InlineData("audio/flac")]
    public async Task Pieces_keep_to_the_engines_limits(string mediaType)
    {
        // White noise between the words: FLAC cannot make it smaller.
        var recording = await RecordedSpeech.MakeAsync(speech.Folder, seconds: 60, seed: 4, shortestPause: 0.5, longestPause: 1);
        var wav = recording.Write(Path.Combine(speech.NewFolder(), "clean.wav"));
        var noisy = Path.Combine(speech.NewFolder(), "noisy.wav");
        await Tool.FfmpegAsync(
            "-i", wav, "-f", "lavfi", "-i", "anoisesrc=color=white:amplitude=0.02:seed=1:sample_rate=16000", "-filter_complex",
            "amix=inputs=2:duration=first", noisy);
        var limits = Speech.Cloud with { MaxBytes = 700_000, MaxSeconds = 25, PreferredMediaType = mediaType };
        var prepared = await speech.PrepareAsync(noisy, limits);
        Assert.True(prepared.Chunks.Count > 2);
        Assert.All(prepared.Chunks, c =>
        {
            Assert.Equal(mediaType, c.MediaType);
            Assert.InRange(c.Bytes, 1000, limits.MaxBytes);
            Assert.Equal(c.Bytes, new FileInfo(c.FilePath).Length);
            Assert.InRange(c.DurationSeconds, 1, limits.MaxSeconds);
        });
    }

    [Fact]
    public async Task The_same_recording_makes_the_same_bytes()
    {
        var recording = await RecordedSpeech.MakeAsync(speech.Folder, seconds: 40, seed: 5, shortestPause: 0.5, longestPause: 1);
        var wav = recording.Write(Path.Combine(speech.NewFolder(), "a.wav"));
        var first = await speech.PrepareAsync(wav, Speech.Cloud, chunkSeconds: 15);
        var second = await speech.PrepareAsync(wav, Speech.Cloud, chunkSeconds: 15);
        Assert.True(first.Chunks.Count > 1);
        Assert.Equal(
            first.Chunks.Select(c => Convert.ToHexString(File.ReadAllBytes(c.FilePath))),
            second.Chunks.Select(c => Convert.ToHexString(File.ReadAllBytes(c.FilePath))));
    }

    [Fact]
    public async Task Flac_pieces_hold_the_sound_of_the_wav_pieces()
    {
        var flac = Assert.Single((await speech.PrepareAsync(speech.Wav, Speech.Cloud)).Chunks);
        var wav = Assert.Single((await speech.PrepareAsync(speech.Wav)).Chunks);
        Assert.True(flac.Bytes < wav.Bytes * 0.75, $"{flac.Bytes} of {wav.Bytes}");
        var decoded = Path.Combine(speech.NewFolder(), "decoded.wav");
        await Tool.FfmpegAsync("-i", flac.FilePath, "-bitexact", decoded);
        Assert.Equal(await File.ReadAllBytesAsync(wav.FilePath), await File.ReadAllBytesAsync(decoded));
    }

    [Fact]
    public async Task Only_the_pieces_are_left_in_the_work_directory()
    {
        var folder = speech.NewFolder();
        var outcome = await Speech.Preparer()
            .PrepareAsync(speech.Wav, null, new AudioRequest(Speech.Cloud, 600, true), folder, CancellationToken.None);
        Assert.Equal(outcome.Value.Chunks.Select(c => c.FilePath), Directory.EnumerateFiles(folder));
    }

    [Fact]
    public async Task The_plan_goes_through_JSON_unchanged()
    {
        var plan = (await speech.PrepareAsync(speech.Wav)).Plan;
        var json = JsonSerializer.Serialize(plan, PipelineJson.Options);
        var read = JsonSerializer.Deserialize<AudioPlan>(json, PipelineJson.Options)!;
        Assert.Equal(json, JsonSerializer.Serialize(read, PipelineJson.Options));
        Assert.Equal(plan.Chunks[0].Spans, read.Chunks[0].Spans);
        Assert.DoesNotContain(speech.Folder, json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_the_work()
    {
        using var cancelled = new CancellationTokenSource();
        var preparing = Speech.Preparer()
            .PrepareAsync(speech.Wav, null, new AudioRequest(Speech.Cloud, 600, true), speech.NewFolder(), cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => preparing);
    }

    // Every segment begins and ends where a sentence does, within the 0.3 s that are promised.
    private static void AssertTimes(RecordedSpeech recording, StitchedTranscript heard)
    {
        Assert.Equal(heard.Transcript.Segments.OrderBy(s => s.StartSeconds), heard.Transcript.Segments);
        Assert.All(heard.Transcript.Segments, segment =>
        {
            Assert.True(segment.EndSeconds >= segment.StartSeconds);
            Assert.Contains(recording.Said, s => Math.Abs(s.Start - segment.StartSeconds) <= 0.3);
            Assert.Contains(recording.Said, s => Math.Abs(s.End - segment.EndSeconds) <= 0.3);
        });
    }
}
