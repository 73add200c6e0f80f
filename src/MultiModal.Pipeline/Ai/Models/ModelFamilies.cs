using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>
/// The one table of what models accept. A model belongs to the row with the longest name that its own begins with, in any
/// letter case; deployments that are named otherwise are mapped by <c>Ai:{capability}:ModelFamily</c>.
/// </summary>
public static class ModelFamilies
{
    /// <summary>
    /// Bytes of a whole transcription request: "Maximum content size limit (26214400) exceeded" is what the service answers past
    /// it (developers.openai.com, Speech to text: "File uploads are currently limited to 25 MB"). The form around the file is given 64 KiB.
    /// </summary>
    public const long MaxAudioBytes = (25L << 20) - (64 << 10);

    private const string ModelsPage = "learn.microsoft.com/azure/ai-foundry/openai/concepts/models";
    private const string ReasoningPage = "learn.microsoft.com/azure/ai-foundry/openai/how-to/reasoning (unsupported: temperature, max_tokens)";
    private const string VisionPage = "developers.openai.com, Images and vision, Calculating costs";
    private const string SpeechPage = "developers.openai.com, Speech to text and API reference, Create transcription";
    private const string TranscribePage = "developers.openai.com, models gpt-4o-transcribe, gpt-4o-mini-transcribe, gpt-4o-transcribe-diarize: 2,000 max output tokens";

    private const string Old = "max_tokens";
    private const string New = "max_completion_tokens";
    private const int Plain = 4_096;
    private const int Reasoned = 16_384;

    public static IReadOnlyList<ChatFamily> Chat { get; } =
    [
        new("gpt-4-turbo", AzurePath.Deployments, Old, Plain, true, null, AnswerFormat.JsonObject, 128_000, ImageTokenRule.Tile85, $"{ModelsPage}; {VisionPage}"),
        new("gpt-4o", AzurePath.Deployments, Old, Plain, true, null, AnswerFormat.JsonSchema, 128_000, ImageTokenRule.Tile85, $"{ModelsPage}; {VisionPage}"),
        new("gpt-4o-mini", AzurePath.Deployments, Old, Plain, true, null, AnswerFormat.JsonSchema, 128_000, ImageTokenRule.Tile2833, $"{ModelsPage}; {VisionPage}"),
        new("gpt-4.1", AzurePath.V1, New, Plain, true, null, AnswerFormat.JsonSchema, 1_047_576, ImageTokenRule.Tile85, $"{ModelsPage} (provisioned deployments 128,000: set ContextTokens); {VisionPage}"),
        new("gpt-4.1-mini", AzurePath.V1, New, Plain, true, null, AnswerFormat.JsonSchema, 1_047_576, ImageTokenRule.Patch162, $"{ModelsPage}; {VisionPage}"),
        new("gpt-4.1-nano", AzurePath.V1, New, Plain, true, null, AnswerFormat.JsonSchema, 1_047_576, ImageTokenRule.Patch246, $"{ModelsPage}; {VisionPage}"),
        new("o1", AzurePath.V1, New, Reasoned, false, "low", AnswerFormat.JsonSchema, 200_000, ImageTokenRule.Tile75, $"{ModelsPage}; {ReasoningPage}; {VisionPage}"),
        new("o3", AzurePath.V1, New, Reasoned, false, "low", AnswerFormat.JsonSchema, 200_000, ImageTokenRule.Tile75, $"{ModelsPage}; {ReasoningPage}; {VisionPage}"),
        new("o3-mini", AzurePath.V1, New, Reasoned, false, "low", AnswerFormat.JsonSchema, 200_000, ImageTokenRule.None, $"{ModelsPage}; {ReasoningPage}"),
        new("o4-mini", AzurePath.V1, New, Reasoned, false, "low", AnswerFormat.JsonSchema, 200_000, ImageTokenRule.Patch172, $"{ModelsPage}; {ReasoningPage}; {VisionPage}"),
        new("gpt-5", AzurePath.V1, New, Reasoned, false, "low", AnswerFormat.JsonSchema, 400_000, ImageTokenRule.Tile70, $"{ModelsPage} (272,000 in, 128,000 out); {ReasoningPage}; {VisionPage}"),
        new("gpt-5-mini", AzurePath.V1, New, Reasoned, false, "low", AnswerFormat.JsonSchema, 400_000, ImageTokenRule.Patch162, $"{ModelsPage}; {ReasoningPage}; {VisionPage}"),
        new("gpt-5-nano", AzurePath.V1, New, Reasoned, false, "low", AnswerFormat.JsonSchema, 400_000, ImageTokenRule.Patch246, $"{ModelsPage}; {ReasoningPage}; {VisionPage}"),
        new("gpt-5-chat", AzurePath.V1, New, Plain, false, null, AnswerFormat.JsonObject, 128_000, ImageTokenRule.Tile70, $"{ModelsPage}; {VisionPage}"),
        new("gpt-5.", AzurePath.V1, New, Reasoned, false, null, AnswerFormat.JsonSchema, 400_000, ImageTokenRule.Unknown, $"{ModelsPage} (5.1 and later: efforts and image rules differ by model, so none is sent or assumed); {ReasoningPage}"),
    ];

    /// <summary>
    /// The models of the gpt-4o-transcribe line end their answer at 2,000 tokens, whatever was still to be heard, and say
    /// nothing of it. Fast speech is 200 words a minute and a word 1.3 tokens: 400 s make 1,730 of them. (The service itself
    /// refuses a recording past 1,400 or 1,500 s.)
    /// </summary>
    private const double UncutSeconds = 400;

    public static IReadOnlyList<SpeechFamily> Speech { get; } =
    [
        new("whisper", AzurePath.Deployments, "verbose_json", true, null, double.PositiveInfinity, true, $"{SpeechPage}: verbose_json with segments, billed by duration"),
        new("gpt-4o-transcribe", AzurePath.V1, "json", true, null, UncutSeconds, false, $"{SpeechPage}: json only; {TranscribePage}"),
        new("gpt-4o-mini-transcribe", AzurePath.V1, "json", true, null, UncutSeconds, false, $"{SpeechPage}: json only; {TranscribePage}"),
        new("gpt-4o-transcribe-diarize", AzurePath.V1, "json", false, "auto", UncutSeconds, false, $"{SpeechPage}: no prompt, chunking_strategy required past 30 s; {TranscribePage}"),
    ];

    /// <summary>For a model at Azure OpenAI or OpenAI that is not in the table: what every current one of them takes.</summary>
    public static ChatFamily UnknownServiceChat { get; } = new(
        "unknown model", AzurePath.V1, New, Plain, false, null, AnswerFormat.JsonSchema, 32_768, ImageTokenRule.Unknown,
        "the v1 path serves all deployments; max_tokens and temperature are what newer models refuse; a format that is refused is lowered");

    /// <summary>For a model of a compatible server: the oldest spelling, which all of them know, and a small window.</summary>
    public static ChatFamily CompatibleChat { get; } = new(
        "compatible server", AzurePath.V1, Old, 2_048, true, null, AnswerFormat.JsonSchema, 8_192, ImageTokenRule.Unknown,
        "docs.ollama.com/api/openai-compatibility, docs.vllm.ai OpenAI-compatible server (fields supported); windows are the server's setting: set ContextTokens");

    /// <summary>For a transcription model that is not in the table: <c>json</c>, which all of them know.</summary>
    public static SpeechFamily UnknownSpeech { get; } = new(
        "unknown model", AzurePath.V1, "json", true, null, UncutSeconds, false, "the least of what the known families take");

    /// <returns>Null where no row's name begins the model's.</returns>
    public static ChatFamily? FindChat(string model) =>
        Chat.Where(f => Begins(model, f.Name)).MaxBy(f => f.Name.Length);

    /// <returns>Null where no row's name begins the model's.</returns>
    public static SpeechFamily? FindSpeech(string model) =>
        Speech.Where(f => Begins(model, f.Name)).MaxBy(f => f.Name.Length);

    // Servers of open models name them with their origin: Systran/faster-whisper-small, openai/whisper-large-v3.
    private static bool Begins(string model, string family)
    {
        ArgumentNullException.ThrowIfNull(model);
        var name = model[(model.LastIndexOf('/') + 1)..];
        if (name.StartsWith("faster-", StringComparison.OrdinalIgnoreCase)) name = name["faster-".Length..];
        return name.StartsWith(family, StringComparison.OrdinalIgnoreCase);
    }
}
