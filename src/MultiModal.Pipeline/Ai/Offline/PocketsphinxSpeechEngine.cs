using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>
/// Transcribes English with the program <c>pocketsphinx_continuous</c> (CMU Sphinx; Debian packages <c>pocketsphinx</c> and
/// <c>pocketsphinx-en-us</c>), which reads 16 kHz mono WAV and writes each utterance with the times of its words.
/// It is about five times faster than real time on a core, and it knows no punctuation, no names and no noise.
/// </summary>
public sealed class PocketsphinxSpeechEngine : ISpeechEngine, IDisposable
{
    private const string Wav = "audio/wav";

    // This version is part of the identity. It is raised when the same words would give other segments.
    private const string SegmentationVersion = "2";

    // Mean probability of the words. It was 0.68 for English prompts of a person, and 0.29 for French and Russian ones, which it takes for English.
    private const double LeastProbability = 0.45;

    // Pieces of this length let all cores work on one recording.
    private const double PieceSeconds = 90;

    // Captions are segments of about a sentence: a long one ends at the next audible pause.
    private const double LongSegmentSeconds = 8;
    private const double PauseSeconds = 0.05;

    // The program's noise removal needs some seconds to adapt at the start of each piece. Above this distance between speech and noise
    // that costs more words (5 of 200 against 1, measured with flite's voice) than noise does; at 30 dB and below it is the opposite.
    private const double CleanDb = 40;

    private static readonly string[] ModelFolders =
        ["/usr/share/pocketsphinx/model/en-us", "/usr/local/share/pocketsphinx/model/en-us", "/opt/homebrew/share/pocketsphinx/model/en-us"];

    private readonly SpeechProgram running;
    private readonly string program;
    private readonly string? model;
    private readonly Lazy<EngineIdentity> identity;

    /// <param name="programs">Runner of the program.</param>
    /// <param name="maxConcurrency">Recordings transcribed at once, at least 1; each keeps a core busy and takes 150 MB.</param>
    /// <param name="program">Path, or name that is looked up in <c>PATH</c>.</param>
    /// <param name="modelFolder">Folder with <c>en-us/</c>, <c>en-us.lm.bin</c> and <c>cmudict-en-us.dict</c>; null for the folder of the
    /// packages.</param>
    public PocketsphinxSpeechEngine(
        ProgramRunner programs, int maxConcurrency, string program = "pocketsphinx_continuous", string? modelFolder = null)
    {
        ArgumentNullException.ThrowIfNull(programs);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        this.program = program;
        model = modelFolder ?? ModelFolders.FirstOrDefault(IsModel);
        running = new SpeechProgram(programs, maxConcurrency);
        identity = new Lazy<EngineIdentity>(Identify);
    }

    public EngineIdentity Identity => identity.Value;

    public SpeechLimits Limits { get; } = new(64L << 20, PieceSeconds, [Wav], Wav);

    /// <summary>Whether the program and its model are installed.</summary>
    public bool IsInstalled => ProgramRunner.Find(program) is not null && model is not null && IsModel(model);

    public async Task<EngineAnswer<Transcript>> TranscribeAsync(SpeechRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!IsInstalled) return new(Missing());
        if (request.MediaType != Wav) return new(new Failure(FailureCodes.EngineRejected, "pocketsphinx accepts WAV only (16 kHz, mono, 16-bit)."));
        if (request.Languages is { Count: > 0 } languages && !languages.Any(code => code.StartsWith("en", StringComparison.OrdinalIgnoreCase)))
        {
            var codes = string.Join(", ", languages.Select(code => $"\"{code}\""));
            return new(new Failure(FailureCodes.EngineRejected, $"The offline engine understands English only, not {codes}."));
        }

        return await running.TranscribeAsync(() => CallAsync(request, cancellationToken), Read, cancellationToken);
    }

    public void Dispose() => running.Dispose();

    private async Task<ProgramCall> CallAsync(SpeechRequest request, CancellationToken cancellationToken)
    {
        var isClean = await IsCleanAsync(request.FilePath, cancellationToken);
        var limits = running.Limits;
        return new ProgramCall(program, Arguments(request.FilePath, isClean))
        {
            WorkLimit = TimeSpan.FromSeconds(limits.WorkSeconds + (limits.WorkSecondsPerSecond * request.DurationSeconds)),
        };
    }

    /// <summary>Segments from the program's output: an utterance's text, then a line for each word with start, end and probability.</summary>
    internal static Transcript ReadWords(string output)
    {
        var segments = new List<TranscriptSegment>();
        var words = new StringBuilder();
        double start = 0, end = 0, sum = 0;
        var count = 0;
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = line.Split(' ');
            if (parts.Length != 4 || !TryRead(parts[1], out var from) || !TryRead(parts[2], out var to) || !TryRead(parts[3], out var probability))
            {
                EndSegment();
                continue;
            }

            // These are sentence marks, silence and noises: <s>, </s>, <sil>, [NOISE], ++BREATH++.
            if (parts[0][0] is '<' or '[' or '+') continue;
            if (words.Length > 0 && end - start >= LongSegmentSeconds && from - end >= PauseSeconds) EndSegment();
            if (words.Length == 0) start = from;
            else words.Append(' ');
            // "read(2)" is the second pronunciation of "read".
            var variant = parts[0].IndexOf('(', StringComparison.Ordinal);
            (sum, count) = (sum + probability, count + 1);
            words.Append(variant > 0 ? parts[0].AsSpan(0, variant) : parts[0]);
            end = to;
        }

        EndSegment();
        var uncertain = count > 0 && sum / count < LeastProbability;
        return new Transcript(segments, uncertain ? null : "en", uncertain);

        void EndSegment()
        {
            if (words.Length > 0) segments.Add(new TranscriptSegment(start, end, words.ToString()));
            words.Clear();
        }

        static bool TryRead(string text, out double number) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    private static Outcome<Transcript> Read(ProgramResult result) => result switch
    {
        { Succeeded: true } => ReadWords(Encoding.UTF8.GetString(result.Output.Span)),
        { End: ProgramEnd.Missing } => Missing(),
        { End: ProgramEnd.TimedOut } => new Failure(
            FailureCodes.StepTimedOut,
            "pocketsphinx worked for longer than Programs:WorkSeconds and Programs:WorkSecondsPerSecond allow, and was ended.",
            Retryable: true),
        _ => new Failure(
            FailureCodes.EngineFault, $"pocketsphinx failed (exit code {result.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "none"})."),
    };

    private static Failure Missing() => new(
        FailureCodes.PocketsphinxMissing,
        "The offline speech engine is not installed. Run apt-get install pocketsphinx pocketsphinx-en-us (the program pocketsphinx_continuous and "
            + "its model).");

    private static bool IsModel(string folder) =>
        Directory.Exists(Path.Combine(folder, "en-us")) && File.Exists(LanguageModel(folder)) && File.Exists(Dictionary(folder));

    private static string LanguageModel(string folder) => Path.Combine(folder, "en-us.lm.bin");

    private static string Dictionary(string folder) => Path.Combine(folder, "cmudict-en-us.dict");

    private static async Task<bool> IsCleanAsync(string wavPath, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(wavPath, FileMode.Open, FileAccess.Read, FileShare.Read, 64 << 10, FileOptions.Asynchronous);
        var wav = await WavReader.OpenAsync(file, cancellationToken);
        if (!wav.Succeeded) return false;
        var meter = new LevelMeter();
        var samples = new float[16 << 10];
        int read;
        while ((read = await wav.Value.ReadAsync(samples, cancellationToken)) > 0)
        {
            for (var i = 0; i < read; i++) meter.Add(samples[i]);
        }

        return SpeechMap.Loudest(meter.Levels) - SpeechMap.Noise(meter.Levels) > CleanDb;
    }

    private string[] Arguments(string filePath, bool isClean) =>
    [
        "-infile", filePath, "-time", "yes",
        // At the default (2) faint noise before the first word is taken for speech, which distorts the cepstral mean for the words after it.
        "-vad_threshold", "3",
        "-remove_noise", isClean ? "no" : "yes",
        "-hmm", Path.Combine(model!, "en-us"), "-lm", LanguageModel(model!), "-dict", Dictionary(model!),
    ];

    // The program does not report its version; its bytes and the sizes of its model identify it.
    private EngineIdentity Identify()
    {
        const string name = "pocketsphinx en-us";
        if (!IsInstalled) return new EngineIdentity(EngineIdentity.Offline, name, "missing");
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(File.ReadAllBytes(ProgramRunner.Find(program)!));
        foreach (var file in Directory.EnumerateFiles(model!, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            digest.AppendData(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{Path.GetRelativePath(model!, file)} {new FileInfo(file).Length}\n")));
        }

        return new EngineIdentity(
            EngineIdentity.Offline, name, $"{SegmentationVersion};{Convert.ToHexStringLower(digest.GetHashAndReset().AsSpan(0, 8))}");
    }
}
