using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>
/// Transcribes recordings in about a hundred languages with a Whisper model on this machine. The model runs in <c>MultiModal.Listener</c>, a process
/// for one piece of a recording, so that neither a broken model nor a crash of the library reaches this one, and a cancelled piece ends at once.
/// </summary>
public sealed class WhisperSpeechEngine : ISpeechEngine, IDisposable
{
    /// <summary>Name under which this engine is registered.</summary>
    public const string Name = "Whisper";

    private const string Wav = "audio/wav";

    // This version is part of the identity. It is raised when the same model would be asked or read in another way.
    private const string Revision = "1";

    // A multiple of the model's own window of 30 s, so that all cores work on one recording.
    private const double PieceSeconds = 120;

    // Segments whose tokens are less probable than this on average are guesses.
    private const double LeastProbability = 0.5;

    /// <summary>Memory beside the model's weights: the runtime, the library's buffers and the sound.</summary>
    private const long OwnBytes = 1024L << 20;

    private const int ModelExit = 3;

    private readonly SpeechProgram program;
    private readonly WhisperOptions options;
    private readonly Lazy<EngineIdentity> identity;

    /// <param name="programs">Runner of the program.</param>
    /// <param name="maxConcurrency">Pieces transcribed at once, at least 1.</param>
    /// <param name="options">The model and its limits.</param>
    public WhisperSpeechEngine(ProgramRunner programs, int maxConcurrency, WhisperOptions options)
    {
        ArgumentNullException.ThrowIfNull(programs);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        this.options = options;
        program = new SpeechProgram(programs, maxConcurrency);
        identity = new Lazy<EngineIdentity>(Identify);
    }

    public EngineIdentity Identity => identity.Value;

    public SpeechLimits Limits { get; } = new(64L << 20, PieceSeconds, [Wav], Wav);

    /// <summary>Whether the model's file is there.</summary>
    public bool IsInstalled => File.Exists(options.ModelPath);

    public async Task<EngineAnswer<Transcript>> TranscribeAsync(SpeechRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!IsInstalled) return new(Missing());
        if (request.MediaType != Wav) return new(new Failure(FailureCodes.EngineRejected, "Whisper is given WAV only (16 kHz, mono, 16-bit)."));
        using var vocabulary = new MemoryStream(Encoding.UTF8.GetBytes(request.Vocabulary ?? ""));
        return await program.TranscribeAsync(() => Task.FromResult(Call(request, vocabulary)), Read, cancellationToken);
    }

    public void Dispose() => program.Dispose();

    private ProgramCall Call(SpeechRequest request, Stream vocabulary) => OwnProgram.Call(
        "MultiModal.Listener",
        [Path.GetFullPath(options.ModelPath!), request.FilePath, request.Language ?? "auto", options.Threads.ToString(CultureInfo.InvariantCulture)]) with
    {
        Input = vocabulary,
        WorkLimit = TimeSpan.FromSeconds(program.Limits.WorkSeconds + (options.WorkSecondsPerSecond * request.DurationSeconds)),
        MaxBytes = (2 * new FileInfo(options.ModelPath!).Length) + OwnBytes,
    };

    /// <summary>The transcript in the program's output: a segment a line, as JSON.</summary>
    internal static Transcript ReadSegments(string output)
    {
        var segments = new List<TranscriptSegment>();
        var languages = new List<string>();
        var uncertain = false;
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var segment = JsonSerializer.Deserialize<WhisperSegment>(line, PipelineJson.Options)!;
            var text = segment.Text.Trim();
            if (text.Length == 0) continue;
            segments.Add(new TranscriptSegment(segment.Start, Math.Max(segment.Start, segment.End), text));
            if (segment.Language is { Length: > 0 } language) languages.Add(language);
            uncertain |= segment.Probability < LeastProbability;
        }

        return new Transcript(segments, languages.GroupBy(language => language).MaxBy(group => group.Count())?.Key, uncertain);
    }

    private Outcome<Transcript> Read(ProgramResult result) => result switch
    {
        { Succeeded: true } => ReadSegments(Encoding.UTF8.GetString(result.Output.Span)),
        { End: ProgramEnd.TimedOut } => new Failure(
            FailureCodes.StepTimedOut, "Whisper worked for longer than Whisper:WorkSecondsPerSecond allows, and was ended.", Retryable: true),
        { ExitCode: ModelExit } => new Failure(
            FailureCodes.WhisperMissing,
            $"The file {options.ModelPath} is not a model in whisper.cpp's format, or there is no library for this machine."),
        _ => new Failure(
            FailureCodes.EngineFault, $"Whisper failed (exit code {result.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "none"})."),
    };

    private Failure Missing() => new(
        FailureCodes.WhisperMissing,
        options.ModelPath is null
            ? "Whisper:ModelPath is not set: name a model in whisper.cpp's format."
            : $"The model {options.ModelPath} is not there: set Whisper:ModelPath to a model in whisper.cpp's format.");

    // Models have hundreds of megabytes: their beginning, end and size tell them apart.
    private EngineIdentity Identify()
    {
        if (!IsInstalled) return new EngineIdentity(EngineIdentity.Offline, "whisper.cpp", "missing");
        using var file = File.OpenRead(options.ModelPath!);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var part = new byte[1 << 20];
        digest.AppendData(part.AsSpan(0, file.ReadAtLeast(part, part.Length, throwOnEndOfStream: false)));
        file.Position = Math.Max(0, file.Length - part.Length);
        digest.AppendData(part.AsSpan(0, file.ReadAtLeast(part, part.Length, throwOnEndOfStream: false)));
        digest.AppendData(BitConverter.GetBytes(file.Length));
        var name = Path.GetFileNameWithoutExtension(options.ModelPath!);
        return new EngineIdentity(
            EngineIdentity.Offline, $"whisper.cpp {name}", $"{Revision};{Convert.ToHexStringLower(digest.GetHashAndReset().AsSpan(0, 8))}");
    }

    private sealed record WhisperSegment(double Start, double End, string Text, double Probability, string? Language);
}
