using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

/// <summary>Speech is told from other sound by a model; the tests need its file, which <c>npm ci</c> brings and the build copies.</summary>
public sealed class SpeechActivityTests(Speech speech) : IClassFixture<Speech>
{
    private static readonly AudioRequest Request = new(Speech.Offline with { MaxSeconds = 600 }, 600, TrimSilence: true);

    /// <summary>What ONNX Runtime 1.31.1 computes with the same file for the beginning of <see cref="MadeSound.Vowels"/>.</summary>
    private static readonly float[] OfOnnxRuntime =
    [
        0.7538f, 0.8155f, 0.7184f, 0.5257f, 0.3755f, 0.3209f, 0.3522f, 0.3190f, 0.2528f, 0.2176f, 0.1829f, 0.1686f, 0.1564f, 0.1605f, 0.1379f, 0.6317f,
        0.0826f, 0.0760f, 0.0638f, 0.0212f, 0.0130f, 0.0080f, 0.0065f, 0.0053f, 0.0045f, 0.0049f, 0.0040f, 0.0039f, 0.0035f, 0.0030f, 0.0030f, 0.0929f,
        0.1129f, 0.2006f, 0.0555f, 0.0317f, 0.0209f, 0.0145f, 0.0142f, 0.0131f,
    ];

    [SkippableFact]
    public void The_network_computes_what_ONNX_Runtime_computes()
    {
        var network = new SpeechNetwork(Model().Weights!);
        var sound = MadeSound.Vowels(2);
        for (var i = 0; i < OfOnnxRuntime.Length; i++)
        {
            Assert.Equal(OfOnnxRuntime[i], network.Next(sound.AsSpan(i * SpeechNetwork.FrameSamples, SpeechNetwork.FrameSamples)), tolerance: 0.0005);
        }
    }

    [SkippableFact]
    public async Task Noise_without_speech_is_not_sent()
    {
        var wav = await WriteAsync(MadeSound.Scaled(MadeSound.Street(30), -10));
        Assert.True((await PrepareAsync(wav, Speech.Preparer())).Succeeded, "By level, it is taken for speech: otherwise this shows nothing.");
        Assert.Equal(FailureCodes.NoSpeech, (await PrepareAsync(wav, WithModel())).Failure?.Code);
    }

    [SkippableFact]
    public async Task Of_speech_in_a_street_the_speech_is_sent_and_little_else()
    {
        var voice = await MadeSound.ReadAsync(speech.ShortWav);
        var noise = MadeSound.Street(60);
        var street = MadeSound.Scaled(noise, MadeSound.Db(voice) - 10 - MadeSound.Db(noise));
        int[] starts = [10 * MadeSound.Rate, 40 * MadeSound.Rate];
        foreach (var start in starts)
        {
            for (var i = 0; i < voice.Length; i++) street[start + i] += voice[i];
        }

        var seconds = voice.Length / (double)MadeSound.Rate;
        var prepared = (await PrepareAsync(await WriteAsync(street), WithModel())).Value;
        Assert.InRange(prepared.SentSeconds, 2 * (seconds - 0.5), 2 * (seconds + 1.5));
        Assert.Equal(2, prepared.Chunks.Single().Spans.Count);
        Assert.All(starts, start => Assert.Contains(prepared.Chunks[0].Spans, span =>
            span.OriginalStart <= (start / (double)MadeSound.Rate) + 0.2
            && span.OriginalStart + span.Seconds >= (start / (double)MadeSound.Rate) + seconds - 0.4));
    }

    [SkippableTheory]
    [InlineData(-62, true)]
    [InlineData(-62, false)]
    [InlineData(-70, true)]
    public async Task Very_soft_speech_is_speech(double db, bool byModel)
    {
        var voice = await MadeSound.ReadAsync(speech.Wav);
        var wav = await WriteAsync(MadeSound.Scaled(voice, db - MadeSound.Db(voice)));
        var loud = await PrepareAsync(speech.Wav, byModel ? WithModel() : Speech.Preparer());
        var soft = await PrepareAsync(wav, byModel ? WithModel() : Speech.Preparer());
        Assert.True(soft.Succeeded, soft.Failure?.Message);
        Assert.InRange(soft.Value.SentSeconds, loud.Value.SentSeconds - 0.5, loud.Value.SentSeconds + 0.5);
    }

    [SkippableTheory]
    [InlineData(0.4, true)]
    [InlineData(0.4, false)]
    [InlineData(1.0, true)]
    [InlineData(1.0, false)]
    public async Task A_word_alone_is_speech(double seconds, bool byModel)
    {
        var voice = await MadeSound.ReadAsync(speech.Wav);
        var start = Array.FindIndex(voice, sample => Math.Abs(sample) > 0.05f);
        var wav = await WriteAsync(voice[start..(start + (int)(seconds * MadeSound.Rate))]);
        var prepared = await PrepareAsync(wav, byModel ? WithModel() : Speech.Preparer());
        Assert.True(prepared.Succeeded, prepared.Failure?.Message);
        Assert.Equal(seconds, prepared.Value.SentSeconds, tolerance: 0.1);
    }

    [SkippableTheory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Channels_that_cancel_each_other_are_heard(bool withFfmpeg, bool byModel)
    {
        var voice = await MadeSound.ReadAsync(speech.Wav);
        var wav = await WriteAsync(voice, [.. voice.Select(sample => -0.95f * sample)]);
        var preparer = byModel ? WithModel(withFfmpeg) : Speech.Preparer();
        var prepared = await PrepareAsync(wav, preparer);
        Assert.True(prepared.Succeeded, prepared.Failure?.Message);
        Assert.Contains("cancel each other", prepared.Value.Note, StringComparison.Ordinal);
        Assert.InRange(Speech.Heard(await Speech.HearAsync(prepared.Value)), Speech.Words.Length - 2, Speech.Words.Length);
    }

    [Fact]
    public async Task Channels_that_do_not_cancel_each_other_are_added_up_as_ever()
    {
        var voice = await MadeSound.ReadAsync(speech.Wav);
        var soft = MadeSound.Scaled(voice, -40);
        var one = await WriteAsync(soft, new float[soft.Length]);
        var prepared = await PrepareAsync(one, Speech.Preparer());
        Assert.Null(prepared.Value.Note);
    }

    [SkippableFact]
    public async Task Pieces_that_were_lost_are_made_again_by_the_rule_that_made_them()
    {
        var noise = MadeSound.Scaled(MadeSound.Street(40), -25);
        var voice = await MadeSound.ReadAsync(speech.Wav);
        for (var i = 0; i < voice.Length; i++) noise[(20 * MadeSound.Rate) + i] += voice[i];
        var wav = await WriteAsync(noise);
        var byLevel = (await PrepareAsync(wav, Speech.Preparer())).Value;
        var byModel = (await PrepareAsync(wav, WithModel())).Value;
        var again = (await WithModel().PrepareAgainAsync(wav, null, Request, rule: null, speech.NewFolder(), CancellationToken.None)).Value;
        Assert.NotEqual(byLevel.SentSeconds, byModel.SentSeconds);
        Assert.Equal(await File.ReadAllBytesAsync(byLevel.Chunks[0].FilePath), await File.ReadAllBytesAsync(again.Chunks[0].FilePath));
    }

    [Fact]
    public async Task Without_the_models_file_speech_is_told_by_its_level()
    {
        using var log = new LogLines();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log));
        var options = Options.Create(new AudioOptions());
        var model = new SpeechModel(options, factory.CreateLogger<SpeechModel>(), appFolder: speech.NewFolder());
        var preparer = new AudioPreparer(options, Speech.Programs, model);
        Assert.Equal((await speech.PrepareAsync(speech.Wav)).SentSeconds, (await PrepareAsync(speech.Wav, preparer)).Value.SentSeconds);
        Assert.Contains("by its level alone", Assert.Single(log.All), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_the_model_is_not_used()
    {
        var folder = speech.NewFolder();
        var path = Directory.CreateDirectory(Path.Combine(folder, "models")).FullName;
        foreach (var content in new byte[][] { [], [0xFF, 0xFF], [.. Enumerable.Repeat((byte)0x3A, 400)], [0x3A, 0x04, 0x2A, 0x02, 0x42, 0x00] })
        {
            File.WriteAllBytes(Path.Combine(path, "silero-vad.onnx"), content);
            Assert.Null(new SpeechModel(Options.Create(new AudioOptions()), logger: null, folder).Weights);
        }
    }

    private static SpeechModel Model()
    {
        var model = new SpeechModel(Options.Create(new AudioOptions()));
        Skip.IfNot(model.IsInstalled, "The model is not there. Run npm ci, and build again.");
        return model;
    }

    private static AudioPreparer WithModel(bool withFfmpeg = true)
    {
        var options = new AudioOptions();
        if (!withFfmpeg) options.FfmpegPath = options.FfprobePath = "no-such-program";
        return new AudioPreparer(Options.Create(options), Speech.Programs, Model());
    }

    private Task<Outcome<PreparedAudio>> PrepareAsync(string wav, AudioPreparer preparer) =>
        preparer.PrepareAsync(wav, null, Request, speech.NewFolder(), CancellationToken.None);

    private async Task<string> WriteAsync(params float[][] channels)
    {
        var wav = Path.Combine(speech.NewFolder(), "made.wav");
        await MadeSound.WriteAsync(wav, channels);
        return wav;
    }
}
