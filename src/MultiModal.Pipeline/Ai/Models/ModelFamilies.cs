using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>
/// How models are asked, as the catalogue has it. A model belongs to the row with the longest name that its own begins with, in any letter case;
/// deployments that are named otherwise are mapped by <c>Ai:{capability}:ModelFamily</c>.
/// </summary>
public static class ModelFamilies
{
    /// <summary>
    /// Largest size of a whole transcription request, in bytes. Above it the service answers "Maximum content size limit (26214400) exceeded"
    /// (developers.openai.com, Speech to text: "File uploads are currently limited to 25 MB"). The form around the file is given 64 KiB.
    /// </summary>
    public const long MaxAudioBytes = (25L << 20) - (64 << 10);

    /// <summary>
    /// A transcription model that is not known is taken to end its answer at 2,000 tokens, as those of the gpt-4o-transcribe line do, whatever was
    /// still to be heard. Fast speech is 200 words a minute and a word 1.3 tokens: 400 s make 1,730 of them. (The service itself refuses a
    /// recording past 1,400 or 1,500 s.)
    /// </summary>
    private const double UncutSeconds = 400;

    public static IReadOnlyList<ChatFamily> Chat { get; } =
        [.. ModelCatalogue.BuiltIn.Models.Where(m => m.Chat is not null).Select(m => ToChatFamily(m, m.Chat!))];

    public static IReadOnlyList<SpeechFamily> Speech { get; } =
        [.. ModelCatalogue.BuiltIn.Models.Where(m => m.Transcription is not null).Select(m => ToSpeechFamily(m, m.Transcription!))];

    /// <summary>For a model at Azure OpenAI or OpenAI that is not in the catalogue: what every current one of them takes.</summary>
    public static ChatFamily UnknownServiceChat { get; } = new(
        // The v1 path serves all deployments; max_tokens and temperature are what newer models refuse; a format that is refused is lowered.
        "unknown model", "unknown model", AzurePath.V1, "max_completion_tokens", 4_096, 4_096, false, null, AnswerFormat.JsonSchema, 32_768,
        ImageTokenRule.Unknown, null);

    /// <summary>
    /// For a model of a compatible server: the oldest spelling, which all of them know, and a small window. Windows are the server's setting
    /// (<c>ContextTokens</c>). Sources: docs.ollama.com/api/openai-compatibility, and the fields that vLLM's OpenAI-compatible server supports.
    /// </summary>
    public static ChatFamily CompatibleChat { get; } = new(
        "compatible server", "compatible server", AzurePath.V1, "max_tokens", 2_048, 2_048, true, null, AnswerFormat.JsonSchema, 8_192,
        ImageTokenRule.Unknown, null);

    /// <summary>For a transcription model that is not in the catalogue: <c>json</c>, which all of them know.</summary>
    public static SpeechFamily UnknownSpeech { get; } = new(
        "unknown model", "unknown model", AzurePath.V1, "json", true, "language", null, UncutSeconds, false);

    /// <returns>Null where no name of the catalogue begins the model's.</returns>
    public static ChatFamily? FindChat(string model) =>
        ModelCatalogue.BuiltIn.Find(model, ModelCapability.Chat) is { } row ? Chat.Single(f => f.Name == row.Name) : null;

    /// <returns>Null where no name of the catalogue begins the model's.</returns>
    public static SpeechFamily? FindSpeech(string model) =>
        ModelCatalogue.BuiltIn.Find(model, ModelCapability.Transcription) is { } row ? Speech.Single(f => f.Name == row.Name) : null;

    private static ChatFamily ToChatFamily(CatalogueModel model, ChatTerms terms) => new(
        model.Name, model.KeyedAs, model.Azure?.Path ?? AzurePath.V1, terms.LimitParameter, terms.AnswerTokens,
        terms.MaxOutputTokens ?? terms.AnswerTokens, terms.Temperature, terms.Effort, terms.Format, terms.ContextTokens, terms.Sizing, terms.Images)
    {
        Caching = terms.CacheBreakpoints == true ? PromptCacheTerms.PaidWrites : PromptCacheTerms.Keyed,
    };

    private static SpeechFamily ToSpeechFamily(CatalogueModel model, TranscriptionTerms terms) => new(
        model.Name, model.KeyedAs, model.Azure?.Path ?? AzurePath.V1, terms.Format, terms.Prompt, terms.Languages, terms.ChunkingStrategy,
        terms.MaxSeconds ?? double.PositiveInfinity, terms.BilledBySeconds);
}
