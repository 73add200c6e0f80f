using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

/// <summary>What the header of a WAV file says needs no program, nor do samples that are as ffmpeg would decode them.</summary>
public sealed class WavTests(Speech speech) : IClassFixture<Speech>
{
    private const string FailsAlways = "/bin/false";

    [Fact]
    public async Task A_wav_in_the_format_that_is_worked_on_is_cut_without_a_program()
    {
        var outcome = await Speech.Preparer(o => o.FfmpegPath = o.FfprobePath = FailsAlways)
            .PrepareAsync(speech.Wav, "audio/wav", new AudioRequest(Speech.Offline, 600, true), speech.NewFolder(), CancellationToken.None);
        Assert.True(outcome.Succeeded, outcome.Failure?.Message);
        Assert.Null(outcome.Value.Note);
    }

    [Fact]
    public async Task Its_pieces_are_the_same_as_those_that_ffmpeg_decodes()
    {
        var own = await speech.PrepareAsync(speech.Wav, Speech.Cloud, chunkSeconds: 5);

        // With a chunk after the samples, it is decoded by ffmpeg.
        var longer = Path.Combine(speech.NewFolder(), "longer.wav");
        await File.WriteAllBytesAsync(longer, [.. await File.ReadAllBytesAsync(speech.Wav), .. "note"u8, 2, 0, 0, 0, .. "ab"u8]);
        var decoded = await speech.PrepareAsync(longer, Speech.Cloud, chunkSeconds: 5);

        Assert.Equal(decoded.DurationSeconds, own.DurationSeconds);
        Assert.True(own.Chunks.Count > 1);
        Assert.Equal(decoded.Chunks.Select(c => c.Spans), own.Chunks.Select(c => c.Spans));
        Assert.Equal(await BytesAsync(decoded), await BytesAsync(own));
    }

    [Theory]
    [InlineData("pcm_s16le", 44100, 2)]
    [InlineData("pcm_s16le", 8000, 1)]
    [InlineData("pcm_f32le", 16000, 1)]
    [InlineData("pcm_s16le", 16000, 2)]
    public async Task Any_other_format_is_decoded_by_ffmpeg_but_not_probed(string codec, int sampleRate, int channels)
    {
        var wav = Path.Combine(speech.NewFolder(), "a.wav");
        await Tool.FfmpegAsync("-i", speech.Wav, "-c:a", codec, "-ar", $"{sampleRate}", "-ac", $"{channels}", wav);
        var request = new AudioRequest(Speech.Offline, 600, true);
        var whole = await Speech.Preparer(o => o.FfprobePath = FailsAlways).PrepareAsync(wav, null, request, speech.NewFolder(), CancellationToken.None);
        Assert.True(whole.Succeeded, whole.Failure?.Message);
        Assert.Null(whole.Value.Note);

        var broken = await Speech.Preparer(o => o.FfmpegPath = FailsAlways).PrepareAsync(wav, null, request, speech.NewFolder(), CancellationToken.None);
        Assert.Equal(FailureCodes.CorruptAudio, broken.Failure?.Code);
    }

    [Theory]
    [InlineData(16000)]
    [InlineData(22050)]
    public async Task A_wav_that_is_too_long_by_its_header_is_refused_before_it_is_decoded(int sampleRate)
    {
        var wav = Path.Combine(speech.NewFolder(), "a.wav");
        await Tool.FfmpegAsync("-i", speech.Wav, "-ar", $"{sampleRate}", wav);
        var outcome = await Speech.Preparer(o => (o.MaxSeconds, o.FfmpegPath) = (10, FailsAlways))
            .PrepareAsync(wav, null, new AudioRequest(Speech.Offline, 600, true), speech.NewFolder(), CancellationToken.None);
        Assert.Equal(FailureCodes.AudioTooLong, outcome.Failure?.Code);
    }

    [Fact]
    public async Task A_wav_that_ends_early_gets_a_note()
    {
        var half = Path.Combine(speech.NewFolder(), "half.wav");
        var bytes = await File.ReadAllBytesAsync(speech.Wav);
        await File.WriteAllBytesAsync(half, bytes[..(bytes.Length / 2)]);
        var prepared = await speech.PrepareAsync(half);
        Assert.Contains("ends early", prepared.Note, StringComparison.Ordinal);
        Assert.InRange(prepared.DurationSeconds, 7, 9);
    }

    private static async Task<IReadOnlyList<byte[]>> BytesAsync(PreparedAudio prepared) =>
        await Task.WhenAll(prepared.Chunks.Select(c => File.ReadAllBytesAsync(c.FilePath)));
}
