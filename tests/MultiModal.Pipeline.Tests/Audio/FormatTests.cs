using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Tests.Audio;

/// <summary>Each format that people have, made by another program: whole, cut off in the middle, and under a wrong name.</summary>
public sealed class FormatTests(Speech speech) : IClassFixture<Speech>
{
    private static readonly string[] Picture = ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=5", "-shortest", "-c:v", "mpeg4"];

    private static readonly Dictionary<string, string[]> Encoders = new()
    {
        ["u8.wav"] = ["-c:a", "pcm_u8"],
        ["s16.wav"] = ["-c:a", "pcm_s16le", "-ar", "44100", "-ac", "2"],
        ["s24.wav"] = ["-c:a", "pcm_s24le", "-ar", "48000"],
        ["s32.wav"] = ["-c:a", "pcm_s32le"],
        ["float.wav"] = ["-c:a", "pcm_f32le", "-ar", "22050"],
        ["extensible.wav"] = ["-c:a", "pcm_s24le", "-ac", "6"],
        ["mp3"] = ["-c:a", "libmp3lame", "-b:a", "64k"],
        ["m4a"] = ["-c:a", "aac"],
        ["aac"] = ["-c:a", "aac"],
        ["flac"] = ["-c:a", "flac"],
        ["ogg"] = ["-c:a", "libvorbis"],
        ["opus"] = ["-c:a", "libopus"],
        ["webm"] = ["-c:a", "libopus"],
        ["wma"] = ["-c:a", "wmav2"],
        ["aiff"] = ["-c:a", "pcm_s16be"],
        ["mp4"] = [.. Picture, "-c:a", "aac"],
        ["mov"] = [.. Picture, "-c:a", "aac"],
        ["mkv"] = [.. Picture, "-c:a", "libvorbis"],
    };

    public static TheoryData<string> Formats => [.. Encoders.Keys];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Every_format_is_heard(string format)
    {
        var prepared = await speech.PrepareAsync(await MakeAsync(format));
        Assert.Equal(Seconds(), prepared.DurationSeconds, tolerance: 0.15);
        Assert.Equal(format is "mp4" or "mov" or "mkv", prepared.Note is not null);
        if (prepared.Note is not null) Assert.Contains("picture was not looked at", prepared.Note, StringComparison.Ordinal);
        Assert.InRange(Speech.Heard(await Speech.HearAsync(prepared)), 6, 7);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_recording_cut_off_in_the_middle_gives_its_first_half_or_says_that_it_is_corrupt(string format)
    {
        var whole = await MakeAsync(format);
        var half = Path.Combine(speech.NewFolder(), "half." + format);
        var bytes = await File.ReadAllBytesAsync(whole);
        await File.WriteAllBytesAsync(half, bytes[..(bytes.Length / 2)]);
        var outcome = await Speech.Preparer()
            .PrepareAsync(half, null, new AudioRequest(Speech.Offline, 600, true), speech.NewFolder(), CancellationToken.None);
        if (format is "m4a" or "mp4" or "mov")
        {
            // Their table of contents is at the end.
            Assert.Equal(FailureCodes.CorruptAudio, outcome.Failure?.Code);
            return;
        }

        Assert.True(outcome.Succeeded, outcome.Failure?.Message);
        Assert.InRange(outcome.Value.DurationSeconds, Seconds() * 0.3, Seconds() * 0.7);
        // Streams without a length don't tell that there was more (an MP3 of constant rate is as long as its bytes).
        if (format is not ("aac" or "mp3" or "ogg" or "opus") && !format.EndsWith("wav", StringComparison.Ordinal))
        {
            Assert.Contains("ends early", outcome.Value.Note, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_wrong_name_changes_nothing(string format)
    {
        var named = await MakeAsync(format);
        var misnamed = Path.Combine(speech.NewFolder(), format is "mp3" ? "holiday.wav" : "holiday.mp3");
        File.Copy(named, misnamed);
        var right = await speech.PrepareAsync(named);
        var wrong = await speech.PrepareAsync(misnamed);
        Assert.Equal(await File.ReadAllBytesAsync(right.Chunks[0].FilePath), await File.ReadAllBytesAsync(wrong.Chunks[0].FilePath));
    }

    [SkippableFact]
    public async Task Amr_of_old_phones_is_heard()
    {
        Skip.If(!Tool.IsInstalled("sox"), "sox, which encodes AMR, is not installed.");
        var amr = Path.Combine(speech.NewFolder(), "speech.amr");
        await Tool.RunAsync("sox", speech.Wav, "-r", "8000", "-c", "1", "-t", "amr-nb", "-C", "7", amr);
        var prepared = await speech.PrepareAsync(amr);
        Assert.InRange(prepared.DurationSeconds, 15.3, 16);
        // Telephone band: half of the words are a fair hearing for a model made for the full one.
        Assert.InRange(Speech.Heard(await Speech.HearAsync(prepared)), Speech.Words.Length / 2, Speech.Words.Length);
    }

    [Fact]
    public async Task A_cover_picture_is_no_video()
    {
        var folder = speech.NewFolder();
        var cover = Path.Combine(folder, "cover.png");
        var mp3 = Path.Combine(folder, "song.mp3");
        await Tool.FfmpegAsync("-f", "lavfi", "-i", "testsrc=size=64x64", "-frames:v", "1", cover);
        await Tool.FfmpegAsync("-i", speech.Wav, "-i", cover, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic", mp3);
        Assert.Null((await speech.PrepareAsync(mp3)).Note);
    }

    [Fact]
    public async Task A_video_without_sound_has_its_own_code()
    {
        var video = Path.Combine(speech.NewFolder(), "silent.mp4");
        await Tool.FfmpegAsync("-f", "lavfi", "-i", "testsrc=size=64x64:duration=1", "-c:v", "mpeg4", video);
        Assert.Equal(FailureCodes.NoAudioTrack, await FailureOfAsync(video));
    }

    [Theory]
    [InlineData("anullsrc=r=16000:cl=mono,atrim=duration=5")]
    [InlineData("anoisesrc=color=white:amplitude=0.1:duration=5:seed=7")]
    [InlineData("anoisesrc=color=pink:amplitude=0.1:duration=5:seed=7")]
    [InlineData("anoisesrc=color=brown:amplitude=0.1:duration=5:seed=7")]
    [InlineData("sine=frequency=50:duration=5")]
    public async Task Silence_hiss_and_hum_are_no_speech(string sound)
    {
        var wav = Path.Combine(speech.NewFolder(), "sound.wav");
        await Tool.FfmpegAsync("-f", "lavfi", "-i", sound, wav);
        Assert.Equal(FailureCodes.NoSpeech, await FailureOfAsync(wav));
    }

    [Fact]
    public async Task A_file_that_is_not_a_recording_is_corrupt_and_reads_no_other_file()
    {
        var folder = speech.NewFolder();
        var noise = Path.Combine(folder, "noise.mp3");
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(noise, bytes);
        Assert.Equal(FailureCodes.CorruptAudio, await FailureOfAsync(noise));

        var concat = Path.Combine(folder, "list.mp3");
        File.Copy(speech.Wav, Path.Combine(folder, "secret.wav"));
        await File.WriteAllTextAsync(concat, "ffconcat version 1.0\nfile secret.wav\n");
        Assert.Equal(FailureCodes.CorruptAudio, await FailureOfAsync(concat));

        var playlist = Path.Combine(folder, "playlist.m3u8");
        await File.WriteAllTextAsync(playlist, $"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{folder}/secret.wav\n#EXT-X-ENDLIST\n");
        Assert.Equal(FailureCodes.CorruptAudio, await FailureOfAsync(playlist));
    }

    [Theory]
    [InlineData("-i.wav")]
    [InlineData("http:%2F%2Fexample.wav")]
    [InlineData("a b'\"$(x);é.wav")]
    public async Task Any_file_name_is_accepted(string name)
    {
        var file = Path.Combine(speech.NewFolder(), name);
        File.Copy(speech.Wav, file);
        Assert.Single((await speech.PrepareAsync(file)).Chunks);
    }

    [Fact]
    public async Task Empty_large_and_long_files_have_codes_of_their_own()
    {
        var empty = Path.Combine(speech.NewFolder(), "empty.mp3");
        await File.WriteAllBytesAsync(empty, []);
        Assert.Equal(FailureCodes.EmptyFile, await FailureOfAsync(empty));
        Assert.Equal(FailureCodes.FileTooLarge, await FailureOfAsync(speech.Wav, o => o.MaxBytes = 1000));
        Assert.Equal(FailureCodes.AudioTooLong, await FailureOfAsync(speech.Wav, o => o.MaxSeconds = 10));
        // A raw AAC stream has no length: it shows while decoding.
        Assert.Equal(FailureCodes.AudioTooLong, await FailureOfAsync(await MakeAsync("aac"), o => o.MaxSeconds = 3));
    }

    private async Task<string?> FailureOfAsync(string file, Action<AudioOptions>? configure = null) =>
        (await Speech.Preparer(configure)
            .PrepareAsync(file, null, new AudioRequest(Speech.Offline, 600, true), speech.NewFolder(), CancellationToken.None)).Failure?.Code;

    // 16 kHz, mono, 16-bit.
    private double Seconds() => (new FileInfo(speech.ShortWav).Length - 44) / 32_000.0;

    private async Task<string> MakeAsync(string format)
    {
        var path = Path.Combine(speech.Folder, "speech-" + (format.Contains('.', StringComparison.Ordinal) ? format : "in." + format));
        if (!File.Exists(path)) await Tool.FfmpegAsync(["-i", speech.ShortWav, .. Encoders[format], path]);
        return path;
    }
}
