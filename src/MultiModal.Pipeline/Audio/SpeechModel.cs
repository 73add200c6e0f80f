using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// The model that tells speech from noise: Silero VAD 6, in the folder <c>models</c> beside the program. The build copies it there from the npm
/// package that package-lock.json pins. It is read when the first recording is cut, once in a process.
/// </summary>
public sealed partial class SpeechModel
{
    /// <summary>Name of the model in records of cut recordings. Another model gets another name.</summary>
    public const string Name = "silero-vad 6";

    private readonly ILogger<SpeechModel> logger;
    private readonly Lazy<SpeechWeights?> weights;

    /// <param name="options">Whether the model is wanted.</param>
    /// <param name="logger">Where it is said that the model is missing; null for nowhere.</param>
    /// <param name="appFolder">Folder of the program. Default: its base directory.</param>
    public SpeechModel(IOptions<AudioOptions> options, ILogger<SpeechModel>? logger = null, string? appFolder = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.logger = logger ?? NullLogger<SpeechModel>.Instance;
        FilePath = Path.Combine(appFolder ?? AppContext.BaseDirectory, "models", "silero-vad.onnx");
        IsWanted = options.Value.SpeechActivity == SpeechActivityMethod.Model;
        weights = new Lazy<SpeechWeights?>(Load);
    }

    /// <summary>Where the model's file is looked for.</summary>
    public string FilePath { get; }

    /// <summary>Whether the settings ask for the model.</summary>
    public bool IsWanted { get; }

    /// <summary>Whether the model's file is there.</summary>
    public bool IsInstalled => File.Exists(FilePath);

    /// <summary>The weights; null if the model is not wanted, or its file is missing or is not the model. Levels are used then.</summary>
    internal SpeechWeights? Weights => weights.Value;

    private SpeechWeights? Load()
    {
        if (!IsWanted) return null;
        try
        {
            return SpeechWeights.Read(File.ReadAllBytes(FilePath));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            LogNotUsed(FilePath, e.Message);
            return null;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Speech is told from noise by its level alone, because the model {ModelPath} cannot be read: {Reason} "
            + "Run npm ci in the folder of the repository, and build again.")]
    private partial void LogNotUsed(string modelPath, string reason);
}
