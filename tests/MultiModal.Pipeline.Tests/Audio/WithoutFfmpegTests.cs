using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

public sealed class WithoutFfmpegTests(Speech speech) : IClassFixture<Speech>
{
    [Theory]
    [InlineData("pcm_u8", 8000, 1)]
    [InlineData("pcm_s16le", 44100, 2)]
    [InlineData("pcm_s24le", 48000, 6)]
    [InlineData("pcm_s32le", 96000, 2)]
    [InlineData("pcm_f32le", 22050, 1)]
    [InlineData("pcm_f64le", 11025, 1)]
    public async Task Wav_is_read_by_ourselves(string codec, int sampleRate, int channels)
    {
        var wav = Path.Combine(speech.NewFolder(), "a.wav");
        await Tool.FfmpegAsync("-i", speech.Wav, "-c:a", codec, "-ar", $"{sampleRate}", "-ac", $"{channels}", wav);
        var own = await PrepareAsync(wav, "audio/wav");
        Assert.True(own.Succeeded, own.Failure?.Message);
        Assert.Null(own.Value.Note);
        var withFfmpeg = await speech.PrepareAsync(wav);
        Assert.Equal(withFfmpeg.DurationSeconds, own.Value.DurationSeconds, tolerance: 0.01);
        Assert.Equal(withFfmpeg.SentSeconds, own.Value.SentSeconds, tolerance: 0.05);
        Assert.Equal("audio/wav", Assert.Single(own.Value.Chunks).MediaType);
    }

    [Fact]
    public async Task Our_own_reading_is_heard_as_well_as_ffmpegs()
    {
        var wav = Path.Combine(speech.NewFolder(), "a.wav");
        await Tool.FfmpegAsync("-i", speech.Wav, "-ar", "44100", "-ac", "2", wav);
        var own = await PrepareAsync(wav, null);
        Assert.InRange(Speech.Heard(await Speech.HearAsync(own.Value)), Speech.Words.Length - 2, Speech.Words.Length);
    }

    [Fact]
    public async Task A_truncated_wav_gets_a_note()
    {
        var wav = Path.Combine(speech.NewFolder(), "half.wav");
        var bytes = await File.ReadAllBytesAsync(speech.Wav);
        await File.WriteAllBytesAsync(wav, bytes[..(bytes.Length / 2)]);
        var prepared = (await PrepareAsync(wav, "audio/wav")).Value;
        Assert.Contains("ends early", prepared.Note, StringComparison.Ordinal);
        Assert.InRange(prepared.DurationSeconds, 7, 9);
    }

    [Fact]
    public async Task A_wav_written_to_a_pipe_is_read_to_its_end()
    {
        // ffmpeg could not go back to fill in the lengths: they are 0xFFFFFFFF.
        var wav = Path.Combine(speech.NewFolder(), "piped.wav");
        await Tool.RunAsync("bash", "-c", $"ffmpeg -nostdin -v error -i '{speech.Wav}' -f wav - | cat > '{wav}'");
        var prepared = (await PrepareAsync(wav, "audio/wav")).Value;
        Assert.Null(prepared.Note);
        Assert.InRange(prepared.DurationSeconds, 15.3, 16);
    }

    [Theory]
    [InlineData("mp3", "audio/mpeg")]
    [InlineData("m4a", "audio/mp4")]
    public async Task A_format_that_the_engine_takes_is_sent_unchanged(string extension, string mediaType)
    {
        var file = Path.Combine(speech.NewFolder(), "a." + extension);
        await Tool.FfmpegAsync("-i", speech.Wav, file);
        var prepared = (await PrepareAsync(file, mediaType)).Value;
        var chunk = Assert.Single(prepared.Chunks);
        Assert.Equal(mediaType, chunk.MediaType);
        Assert.Equal(await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(chunk.FilePath));
        Assert.InRange(prepared.DurationSeconds, 15.3, 16);

        Assert.Equal(
            FailureCodes.FfmpegMissing,
            (await PrepareAsync(file, mediaType, r => r with { Limits = r.Limits with { MaxSeconds = 10 } })).Failure?.Code);
        Assert.Equal(
            FailureCodes.FfmpegMissing,
            (await PrepareAsync(file, mediaType, r => r with { Limits = r.Limits with { MaxBytes = 1000 } })).Failure?.Code);
    }

    [Fact]
    public async Task Every_other_format_fails_with_a_message_on_what_to_install()
    {
        var file = Path.Combine(speech.NewFolder(), "a.wma");
        await Tool.FfmpegAsync("-i", speech.Wav, file);
        var failure = (await PrepareAsync(file, "audio/x-ms-wma")).Failure;
        Assert.Equal(FailureCodes.FfmpegMissing, failure?.Code);
        Assert.Contains("apt-get install ffmpeg", failure!.Message, StringComparison.Ordinal);

        var compressed = Path.Combine(speech.NewFolder(), "adpcm.wav");
        await Tool.FfmpegAsync("-i", speech.Wav, "-c:a", "adpcm_ms", compressed);
        Assert.Equal(FailureCodes.FfmpegMissing, (await PrepareAsync(compressed, "audio/wav")).Failure?.Code);
    }

    [Fact]
    public async Task A_broken_wav_is_corrupt()
    {
        var wav = Path.Combine(speech.NewFolder(), "broken.wav");
        await File.WriteAllBytesAsync(wav, [.. "RIFF"u8, 36, 0, 0, 0, .. "WAVEfmt "u8, 3, 0, 0, 0, 1, 2, 3]);
        Assert.Equal(FailureCodes.CorruptAudio, (await PrepareAsync(wav, "audio/wav")).Failure?.Code);
    }

    private Task<Outcome<PreparedAudio>> PrepareAsync(string file, string? mediaType, Func<AudioRequest, AudioRequest>? change = null)
    {
        var request = new AudioRequest(Speech.Cloud, 600, true);
        return Speech.WithoutFfmpeg().PrepareAsync(file, mediaType, change?.Invoke(request) ?? request, speech.NewFolder(), CancellationToken.None);
    }
}
