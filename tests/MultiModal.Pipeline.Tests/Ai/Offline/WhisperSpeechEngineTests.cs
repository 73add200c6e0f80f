using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Offline;
using MultiModal.Pipeline.Ai.Selection;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Tests.Ai.Offline;

/// <summary>
/// Whisper with a model of random weights: it is loaded, and what it says is nonsense. What a real model hears is measured by the benchmark
/// <c>words</c> on recordings that its caller has.
/// </summary>
public sealed class WhisperSpeechEngineTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ProgramRunner programs = new(TimeProvider.System);

    private string Model
    {
        get
        {
            var path = folder["ggml-random.bin"];
            if (!File.Exists(path)) WhisperModelFile.Write(path);
            return path;
        }
    }

    public void Dispose() => folder.Dispose();

    [SkippableFact]
    public async Task A_model_is_loaded_and_asked_and_its_guesses_are_uncertain()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The library is only there for Linux.");
        using var engine = new WhisperSpeechEngine(programs, 1, new WhisperOptions { ModelPath = Model });
        var answer = await engine.TranscribeAsync(Request(), default);
        Assert.True(answer.Outcome.Succeeded, answer.Outcome.Failure?.ToString());
        var attempt = Assert.Single(answer.Attempts);
        Assert.Equal((0, null), (attempt.Status, attempt.Code));
        Assert.Equal("Offline/whisper.cpp ggml-random", engine.Identity.Name);
        Assert.True(engine.Identity.IsFree);
    }

    [Fact]
    public async Task A_model_that_is_not_there_is_named()
    {
        using var engine = new WhisperSpeechEngine(programs, 1, new WhisperOptions { ModelPath = folder["none.bin"] });
        var failure = (await engine.TranscribeAsync(Request(), default)).Outcome.Failure;
        Assert.Equal(FailureCodes.WhisperMissing, failure?.Code);
        Assert.Contains("none.bin", failure!.Message, StringComparison.Ordinal);
        Assert.False(engine.IsInstalled);
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_refused()
    {
        await File.WriteAllTextAsync(folder["ggml-text.bin"], "This is not a model.");
        using var engine = new WhisperSpeechEngine(programs, 1, new WhisperOptions { ModelPath = folder["ggml-text.bin"] });
        Assert.Equal(FailureCodes.WhisperMissing, (await engine.TranscribeAsync(Request(), default)).Outcome.Failure?.Code);
    }

    [SkippableFact]
    public async Task A_model_at_which_the_library_crashes_fails_alone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The library is only there for Linux.");
        var bytes = await File.ReadAllBytesAsync(Model);
        // A word of the vocabulary that the library needs has another name, at which it throws through every caller.
        var space = bytes.AsSpan().IndexOf((byte[])[1, 0, 0, 0, (byte)' ']);
        bytes[space + 4] = (byte)'_';
        await File.WriteAllBytesAsync(folder["ggml-broken.bin"], bytes);
        using var engine = new WhisperSpeechEngine(programs, 1, new WhisperOptions { ModelPath = folder["ggml-broken.bin"] });
        Assert.Equal(FailureCodes.EngineFault, (await engine.TranscribeAsync(Request(), default)).Outcome.Failure?.Code);
    }

    [SkippableFact]
    public async Task A_piece_that_takes_too_long_is_given_up()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The library is only there for Linux.");
        var limited = new ProgramRunner(TimeProvider.System, Options.Create(new ProgramOptions { WorkSeconds = 1 }));
        using var engine = new WhisperSpeechEngine(limited, 1, new WhisperOptions { ModelPath = Model, WorkSecondsPerSecond = 0 });
        var failure = (await engine.TranscribeAsync(Request(seconds: 3000), default)).Outcome.Failure;
        Assert.Equal(FailureCodes.StepTimedOut, failure?.Code);
        Assert.True(failure!.Retryable);
    }

    [SkippableFact]
    public async Task Cancelling_ends_the_program()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The library is only there for Linux.");
        using var engine = new WhisperSpeechEngine(programs, 1, new WhisperOptions { ModelPath = Model });
        using var cancelled = new CancellationTokenSource();
        var hearing = engine.TranscribeAsync(Request(seconds: 3000), cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hearing);
    }

    [Fact]
    public async Task Only_wav_is_accepted()
    {
        using var engine = new WhisperSpeechEngine(programs, 1, new WhisperOptions { ModelPath = Model });
        var failure = (await engine.TranscribeAsync(new SpeechRequest("a.mp3", "audio/mpeg", 1), default)).Outcome.Failure;
        Assert.Equal(FailureCodes.EngineRejected, failure?.Code);
    }

    [Fact]
    public void Segments_have_times_and_the_language_that_most_of_them_have()
    {
        var transcript = WhisperSpeechEngine.ReadSegments(
            """
            {"start":0.5,"end":2,"text":" Bonjour à tous.","probability":0.9,"language":"fr"}
            {"start":2,"end":3,"text":"  ","probability":0.1,"language":"en"}
            {"start":3,"end":4.5,"text":" Le bac part à neuf heures.","probability":0.8,"language":"fr"}
            """);
        Assert.Equal("Bonjour à tous. Le bac part à neuf heures.", transcript.Text);
        Assert.Equal(("fr", false), (transcript.Language, transcript.Uncertain));
        Assert.Equal((3, 4.5), (transcript.Segments[1].StartSeconds, transcript.Segments[1].EndSeconds));
        Assert.True(WhisperSpeechEngine.ReadSegments("""{"start":0,"end":1,"text":"Hm","probability":0.2,"language":"en"}""").Uncertain);
    }

    private SpeechRequest Request(int seconds = 5)
    {
        var path = folder[$"tone-{seconds}.wav"];
        File.WriteAllBytes(path, Wav.Tone(seconds));
        return new SpeechRequest(path, "audio/wav", seconds);
    }
}
