using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>
/// How models are asked, as a catalogue has it. A model belongs to the row with the longest name that its own begins with, in any letter case;
/// deployments that are named otherwise are mapped by <c>Ai:{capability}:ModelFamily</c>.
/// </summary>
/// <param name="catalogue">The catalogue.</param>
public sealed class ModelFamilies(ModelCatalogue catalogue)
{
    /// <summary>What a model of which nothing is published may count images by is looked for among the models of so many years.</summary>
    private const int RecentYears = 2;

    /// <summary>Those of the built-in catalogue.</summary>
    public static ModelFamilies BuiltIn { get; } = new(ModelCatalogue.BuiltIn);

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

    /// <summary>
    /// For a transcription model that is not in the catalogue: <c>json</c>, which all of them know, and the narrowest limits of those that are known.
    /// </summary>
    public static SpeechFamily UnknownSpeech { get; } = new(
        "unknown model", "unknown model", AzurePath.V1, "json", true, false, false, false, "language", null, Heard.Min(t => t.MaxBytes),
        Heard.Min(t => t.MaxSeconds ?? double.PositiveInfinity), false);

    /// <summary>For a model that makes pictures and is not in the catalogue.</summary>
    public static PictureFamily UnknownPictures { get; } = new("unknown model", "unknown model", AzurePath.V1, null);

    /// <summary>The catalogue that these families are of.</summary>
    public ModelCatalogue Catalogue => catalogue;

    /// <summary>The published rules by which recent models count images, those of the built-in catalogue among them.</summary>
    public IReadOnlyList<ImageRule> RecentImages { get; } = [.. RecentImagesOf(catalogue).Union(RecentImagesOf(ModelCatalogue.BuiltIn))];

    private static IEnumerable<TranscriptionTerms> Heard => ModelCatalogue.BuiltIn.Models.Select(m => m.Transcription).OfType<TranscriptionTerms>();

    /// <summary>How a chat model is asked.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="unknown">The family of a model that is not in the catalogue.</param>
    public ChatFamily ChatOf(string model, ChatFamily unknown)
    {
        ArgumentNullException.ThrowIfNull(unknown);
        if (catalogue.Find(model, ModelCapability.Chat) is not { Chat: { } terms } row) return unknown;
        var earlier = ModelCatalogue.BuiltIn.Find(model, ModelCapability.Chat);
        return new(
            row.Name, row.KeyedAs ?? earlier?.KeyedAs ?? unknown.KeyedAs, row.Azure?.Path ?? AzurePath.V1, terms.LimitParameter, terms.AnswerTokens,
            terms.MaxOutputTokens ?? terms.AnswerTokens, terms.Temperature, terms.Effort, terms.Format, terms.ContextTokens,
            terms.Sizing ?? earlier?.Chat!.Sizing ?? unknown.Sizing, terms.Images)
        {
            Caching = terms.CacheBreakpoints == true ? PromptCacheTerms.PaidWrites : PromptCacheTerms.Keyed,
            FlexAt = terms.Flex ?? [],
        };
    }

    /// <summary>How a transcription model is asked; <see cref="UnknownSpeech"/> where the catalogue does not have it.</summary>
    /// <param name="model">Name of the model.</param>
    public SpeechFamily SpeechOf(string model)
    {
        if (catalogue.Find(model, ModelCapability.Transcription) is not { Transcription: { } terms } row) return UnknownSpeech;
        var keyedAs = row.KeyedAs ?? ModelCatalogue.BuiltIn.Find(model, ModelCapability.Transcription)?.KeyedAs ?? UnknownSpeech.KeyedAs;
        return SpeechFamily.Of(row.Name, keyedAs, row.Azure?.Path ?? AzurePath.V1, terms);
    }

    /// <summary>What is known of a model that makes pictures; <see cref="UnknownPictures"/> where the catalogue does not have it.</summary>
    /// <param name="model">Name of the model.</param>
    public PictureFamily PicturesOf(string model)
    {
        if (catalogue.Find(model, ModelCapability.ImageGeneration) is not { } row) return UnknownPictures;
        var keyedAs = row.KeyedAs ?? ModelCatalogue.BuiltIn.Find(model, ModelCapability.ImageGeneration)?.KeyedAs ?? UnknownPictures.KeyedAs;
        return new(row.Name, keyedAs, row.Azure?.Path ?? AzurePath.V1, row.Pictures);
    }

    private static IEnumerable<ImageRule> RecentImagesOf(ModelCatalogue catalogue) => catalogue.Models
        .Where(m => m.Released >= catalogue.ReadOn.AddYears(-RecentYears))
        .Select(m => m.Chat?.Images)
        .OfType<ImageRule>();
}
