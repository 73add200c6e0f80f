using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Offline;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Testing.Audio;

/// <summary>Speech made for the purpose, by flite through ffmpeg (and espeak-ng), with words that pocketsphinx knows well.</summary>
public sealed class Speech : IAsyncLifetime
{
    public const string Text =
        "Welcome to the morning meeting. The company will open a new hospital in the city next summer. " +
        "The doctor asked for more water and electricity. Children and teachers visited the garden on Monday. " +
        "Please send the report to the president before the weekend.";

    public static readonly string[] Words =
    [
        "welcome", "morning", "meeting", "company", "hospital", "city", "summer", "doctor",
        "water", "electricity", "children", "teachers", "garden", "monday", "president", "weekend",
    ];

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "mmf-audio-tests", Guid.NewGuid().ToString("N"));

    /// <summary>The whole <see cref="Text"/>: about 15 s, 16 kHz mono.</summary>
    public string Wav => Path.Combine(Folder, "speech.wav");

    /// <summary>Its first two sentences, with seven of the words: about 6 s.</summary>
    public string ShortWav => Path.Combine(Folder, "short.wav");

    public static ProgramRunner Programs { get; } = new(TimeProvider.System);

    public static SpeechLimits Offline { get; } = new(64 << 20, 90, ["audio/wav"], "audio/wav");

    public static SpeechLimits Cloud { get; } = new(
        25 << 20, 1500, ["audio/wav", "audio/flac", "audio/mpeg", "audio/mp4", "video/mp4", "audio/webm"], "audio/flac");

    public static AudioPreparer Preparer(Action<AudioOptions>? configure = null)
    {
        var options = new AudioOptions();
        configure?.Invoke(options);
        return new AudioPreparer(Options.Create(options), Programs);
    }

    /// <summary>As on a machine without ffmpeg.</summary>
    public static AudioPreparer WithoutFfmpeg() => Preparer(o => o.FfmpegPath = o.FfprobePath = "no-such-program");

    public static Task SayAsync(string text, string wav) =>
        Tool.FfmpegAsync(
            "-f", "lavfi", "-i", $"flite=text='{text.Replace(",", "\\,", StringComparison.Ordinal)}':voice=rms", "-ar", "16000", "-bitexact", wav);

    /// <summary>A new empty folder, gone with this.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(Folder, Guid.NewGuid().ToString("N"))).FullName;

    public async Task<PreparedAudio> PrepareAsync(string file, SpeechLimits? limits = null, int chunkSeconds = 600, bool trim = true)
    {
        var outcome = await Preparer()
            .PrepareAsync(file, null, new AudioRequest(limits ?? Offline, chunkSeconds, trim), NewFolder(), CancellationToken.None);
        Assert.True(outcome.Succeeded, outcome.Failure?.Message);
        return outcome.Value;
    }

    /// <summary>Prepares, hears all pieces, stitches.</summary>
    public async Task<StitchedTranscript> HearAsync(string file, SpeechLimits? limits = null, int chunkSeconds = 600, bool trim = true) =>
        await HearAsync(await PrepareAsync(file, limits, chunkSeconds, trim));

    public static async Task<StitchedTranscript> HearAsync(PreparedAudio prepared)
    {
        using var engine = new PocketsphinxSpeechEngine(Programs, Environment.ProcessorCount);
        var answers = await Task.WhenAll(prepared.Chunks.Select(c =>
            engine.TranscribeAsync(new SpeechRequest(c.FilePath, c.MediaType, c.DurationSeconds), CancellationToken.None)));
        return TranscriptStitcher.Stitch(prepared.Plan, [.. answers.Select(a => a.Outcome.Value)]);
    }

    /// <summary>How many of <see cref="Words"/> are in the transcript.</summary>
    public static int Heard(StitchedTranscript heard)
    {
        var words = heard.Transcript.Text.Split(' ').ToHashSet();
        return Words.Count(words.Contains);
    }

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Folder);
        await SayAsync(Text, Wav);
        await SayAsync(Text[..(Text.IndexOf("summer.", StringComparison.Ordinal) + 7)], ShortWav);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }
}
