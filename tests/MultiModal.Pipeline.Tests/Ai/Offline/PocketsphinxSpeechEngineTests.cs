using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Offline;

namespace MultiModal.Pipeline.Tests.Ai.Offline;

public sealed class PocketsphinxSpeechEngineTests(Speech speech) : IClassFixture<Speech>
{
    [Fact]
    public async Task The_engine_transcribes_speech_with_times()
    {
        using var engine = new PocketsphinxSpeechEngine(Speech.Programs, 1);
        var answer = await engine.TranscribeAsync(new SpeechRequest(speech.Wav, "audio/wav", 15.6, ["en"]), CancellationToken.None);
        var segments = answer.Outcome.Value.Segments;
        Assert.Contains("hospital", answer.Outcome.Value.Text, StringComparison.Ordinal);
        Assert.True(segments.Count >= 2);
        Assert.All(segments, s => Assert.InRange(s.EndSeconds, s.StartSeconds, 15.7));
        var attempt = Assert.Single(answer.Attempts);
        Assert.Equal(0, attempt.Status);
        Assert.Null(attempt.Code);
        Assert.Equal(Usage.None, answer.Usage);
        Assert.True(engine.Identity.IsFree);
        Assert.False(answer.Outcome.Value.Uncertain);
        Assert.Matches("^2;[0-9a-f]{16}$", engine.Identity.Version);
    }

    [Fact]
    public void Words_become_segments_without_noises_and_variants()
    {
        const string output = """
            hello read
            <s> 0.000 0.100 0.99
            hello(2) 0.110 0.500 1.00
            <sil> 0.510 0.600 0.9
            [NOISE] 0.610 0.650 0.9
            read(2) 0.700 1.000 1.00
            </s> 1.010 1.100 1.00

            next
            <s> 2.000 2.100 0.99
            next 2.110 2.500 0.5
            </s> 2.510 2.600 1.00
            """;
        Assert.Equal([new(0.11, 1, "hello read"), new(2.11, 2.5, "next")], PocketsphinxSpeechEngine.ReadWords(output).Segments);
        Assert.Empty(PocketsphinxSpeechEngine.ReadWords("\n").Segments);
    }

    [Fact]
    public void A_long_utterance_is_divided_at_its_pauses()
    {
        var output = string.Join('\n', Enumerable.Range(0, 40).Select(i => FormattableString.Invariant($"word {i} {i + 0.5} 1.0")));
        var segments = PocketsphinxSpeechEngine.ReadWords(output).Segments;
        Assert.All(segments, s => Assert.InRange(s.EndSeconds - s.StartSeconds, 0, 9));
        Assert.Equal(40, segments.Sum(s => s.Text.Split(' ').Length));
    }

    [Fact]
    public void Words_that_it_does_not_trust_are_uncertain_and_have_no_language()
    {
        const string output = "no more\nno 0.1 0.4 0.35\nmore 0.5 0.9 0.21\n";
        Assert.Equal((true, null), (PocketsphinxSpeechEngine.ReadWords(output).Uncertain, PocketsphinxSpeechEngine.ReadWords(output).Language));
        Assert.Equal("no more", PocketsphinxSpeechEngine.ReadWords(output).Text);
        var trusted = PocketsphinxSpeechEngine.ReadWords(output.Replace("0.21", "0.99", StringComparison.Ordinal));
        Assert.Equal((false, "en"), (trusted.Uncertain, trusted.Language));
    }

    [SkippableFact]
    public async Task French_is_not_taken_for_English_without_a_word()
    {
        Skip.IfNot(Tool.IsInstalled("espeak-ng"), "espeak-ng is not installed.");
        var folder = speech.NewFolder();
        var french = Path.Combine(folder, "french.wav");
        await Tool.RunAsync(
            "espeak-ng", "-v", "fr", "-w", Path.Combine(folder, "voice.wav"),
            "Bonjour à tous. La réunion de demain est reportée à jeudi, parce que le directeur est encore en voyage. Merci de votre patience.");
        await Tool.FfmpegAsync("-i", Path.Combine(folder, "voice.wav"), "-ar", "16000", "-ac", "1", "-bitexact", french);
        using var engine = new PocketsphinxSpeechEngine(Speech.Programs, 1);
        var answer = await engine.TranscribeAsync(new SpeechRequest(french, "audio/wav", 10), CancellationToken.None);
        Assert.Equal((true, null), (answer.Outcome.Value.Uncertain, answer.Outcome.Value.Language));
    }

    [Fact]
    public async Task Where_it_is_not_installed_it_says_what_to_install()
    {
        using var noProgram = new PocketsphinxSpeechEngine(Speech.Programs, 1, "no-such-program");
        using var noModel = new PocketsphinxSpeechEngine(Speech.Programs, 1, modelFolder: speech.NewFolder());
        foreach (var engine in new[] { noProgram, noModel })
        {
            var failure = (await engine.TranscribeAsync(new SpeechRequest(speech.Wav, "audio/wav", 15), CancellationToken.None)).Outcome.Failure;
            Assert.Equal(FailureCodes.PocketsphinxMissing, failure?.Code);
            Assert.Contains("apt-get install pocketsphinx pocketsphinx-en-us", failure!.Message, StringComparison.Ordinal);
            Assert.Equal("missing", engine.Identity.Version);
        }
    }

    [Fact]
    public async Task The_engine_refuses_requests_that_it_cannot_transcribe()
    {
        using var engine = new PocketsphinxSpeechEngine(Speech.Programs, 1);
        Assert.Equal(
            FailureCodes.EngineRejected,
            (await engine.TranscribeAsync(new SpeechRequest(speech.Wav, "audio/wav", 15, ["de"]), CancellationToken.None)).Outcome.Failure?.Code);
        Assert.Equal(
            FailureCodes.EngineRejected,
            (await engine.TranscribeAsync(new SpeechRequest(speech.Wav, "audio/flac", 15), CancellationToken.None)).Outcome.Failure?.Code);
        var text = Path.Combine(speech.NewFolder(), "a.wav");
        await File.WriteAllTextAsync(text, "This is no recording at all, whatever it is called, and long enough for a header.");
        var answer = await engine.TranscribeAsync(new SpeechRequest(text, "audio/wav", 1), CancellationToken.None);
        Assert.Equal(FailureCodes.EngineFault, answer.Outcome.Failure?.Code);
        Assert.Equal(FailureCodes.EngineFault, Assert.Single(answer.Attempts).Code);
    }

    [Fact]
    public async Task Cancelling_ends_the_program()
    {
        using var engine = new PocketsphinxSpeechEngine(Speech.Programs, 1);
        using var cancelled = new CancellationTokenSource();
        var running = engine.TranscribeAsync(new SpeechRequest(speech.Wav, "audio/wav", 15), cancelled.Token);
        var waiting = engine.TranscribeAsync(new SpeechRequest(speech.Wav, "audio/wav", 15), cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
