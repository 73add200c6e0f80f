using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Ai;

/// <summary>Configuration section <c>Ai</c>: the engines, and how they are asked.</summary>
public sealed class AiOptions
{
    public const string Section = "Ai";

    /// <summary>The engine that looks at images.</summary>
    public CapabilityOptions Vision { get; set; } = new();

    /// <summary>The engine that transcribes recordings.</summary>
    public CapabilityOptions Speech { get; set; } = new();

    /// <summary>The engine that writes the synthesis.</summary>
    public CapabilityOptions Text { get; set; } = new();

    /// <summary>The engine that makes pictures for reports.</summary>
    public ImageGenerationOptions ImageGeneration { get; set; } = new();

    /// <summary>Requests in flight for each model (or offline program) and process, for capabilities without a limit of their own.</summary>
    [Range(1, 1024, ErrorMessage = "Ai:MaxConcurrency must be from 1 to 1,024 requests.")]
    public int MaxConcurrency { get; set; } = 8;

    /// <summary>Largest input of one synthesis, in estimated tokens. It is lowered to what the model's context window holds.</summary>
    [Range(1_000, 1_000_000, ErrorMessage = "Ai:SynthesisInputTokens must be from 1,000 to 1,000,000 tokens.")]
    public int SynthesisInputTokens { get; set; } = 30_000;

    /// <summary>How many characters of a batch's <c>instructions</c> are read. They are part of every request for a synthesis.</summary>
    [Range(0, 4000, ErrorMessage = "Ai:InstructionsCeiling must be from 0 to 4,000 characters.")]
    public int InstructionsCeiling { get; set; } = 4000;

    /// <summary>How many characters of a batch's <c>vocabulary</c> are read. They are part of every request for a transcript.</summary>
    [Range(0, 1000, ErrorMessage = "Ai:VocabularyCeiling must be from 0 to 1,000 characters.")]
    public int VocabularyCeiling { get; set; } = 1000;

    /// <summary>Number of attempts at one request, including the first.</summary>
    [Range(1, 20, ErrorMessage = "Ai:MaxAttempts must be from 1 to 20.")]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Seconds after which an attempt is given up. A local server on a CPU, or the transcription of 25 MB, takes minutes.</summary>
    [Range(1, 3600, ErrorMessage = "Ai:TimeoutSeconds must be from 1 to 3,600 seconds.")]
    public int TimeoutSeconds { get; set; } = 300;

    /// <summary>Longest wait between two attempts, in seconds, whatever <c>Retry-After</c> says.</summary>
    [Range(1, 3600, ErrorMessage = "Ai:MaxRetryDelaySeconds must be from 1 to 3,600 seconds.")]
    public int MaxRetryDelaySeconds { get; set; } = 60;

    /// <summary>
    /// The service tier that images and the synthesis are asked at. <c>Flex</c> costs half and takes longer. It is asked for only where the provider
    /// offers it for the model; all else is asked at the standard tier.
    /// </summary>
    public ServiceTier ServiceTier { get; set; } = ServiceTier.Standard;

    /// <summary>Whether a batch may ask for flex by itself, by <c>"patience": "flex"</c> in its <c>batch.json</c>.</summary>
    public bool AllowPatience { get; set; }

    /// <summary>Seconds after which an attempt at flex is given up, within half of <c>Pipeline:StepTimeout</c>.</summary>
    [Range(1, 3600, ErrorMessage = "Ai:FlexTimeoutSeconds must be from 1 to 3,600 seconds.")]
    public int FlexTimeoutSeconds { get; set; } = 900;

    /// <summary>Seconds for which a lack of capacity for flex is waited out. Then the request goes to the standard tier.</summary>
    [Range(1, 3600, ErrorMessage = "Ai:FlexPatienceSeconds must be from 1 to 3,600 seconds.")]
    public int FlexPatienceSeconds { get; set; } = 300;

    /// <summary>
    /// Seconds for which an engine that keeps failing is not asked, where it has a fallback. Then one request tries whether it answers again; where it
    /// does not, the next pause is twice as long, up to ten times this.
    /// </summary>
    [Range(1, 3600, ErrorMessage = "Ai:FallbackPauseSeconds must be from 1 to 3,600 seconds.")]
    public int FallbackPauseSeconds { get; set; } = 30;

    public CapabilityOptions this[EngineCapability capability] => capability switch
    {
        EngineCapability.Vision => Vision,
        EngineCapability.Speech => Speech,
        EngineCapability.ImageGeneration => ImageGeneration,
        _ => Text,
    };

    /// <summary>Requests in flight for a capability's model (or offline program) and process.</summary>
    public int MaxConcurrencyOf(EngineCapability capability) => MaxConcurrencyOf(this[capability]);

    internal int MaxConcurrencyOf(CapabilityOptions chosen) => chosen.MaxConcurrency ?? MaxConcurrency;
}
