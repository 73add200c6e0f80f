using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Models;

/// <summary>
/// The models that the simulator plays. Sources, unless a row names its own:
/// context and output sizes, https://platform.openai.com/docs/models and Azure OpenAI "Models";
/// image tokens, https://platform.openai.com/docs/guides/images-vision#calculating-costs;
/// refused parameters and earliest api-versions, Azure OpenAI "Reasoning models".
/// </summary>
public static class ModelFamilies
{
    private const int Patches = 1536;

    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        new("gpt-4o", "gpt-4o-2024-08-06", CallKind.Chat) { ContextTokens = 128_000, MaxOutputTokens = 16_384, Images = new TileRule(85, 170) },
        new("gpt-4o-mini", "gpt-4o-mini-2024-07-18", CallKind.Chat) { ContextTokens = 128_000, MaxOutputTokens = 16_384, Images = new TileRule(2833, 5667) },
        new("gpt-4.1", "gpt-4.1-2025-04-14", CallKind.Chat) { ContextTokens = 1_047_576, MaxOutputTokens = 32_768, Images = new TileRule(85, 170) },
        new("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14", CallKind.Chat) { ContextTokens = 1_047_576, MaxOutputTokens = 32_768, Images = new PatchRule(Patches, 1.62m) },
        new("gpt-4.1-nano", "gpt-4.1-nano-2025-04-14", CallKind.Chat) { ContextTokens = 1_047_576, MaxOutputTokens = 32_768, Images = new PatchRule(Patches, 2.46m) },
        new("gpt-5", "gpt-5-2025-08-07", CallKind.Chat) { ContextTokens = 400_000, MaxOutputTokens = 128_000, Reasoning = true, Images = new TileRule(70, 140), EarliestApiVersion = "2024-12-01-preview" },
        new("gpt-5-mini", "gpt-5-mini-2025-08-07", CallKind.Chat) { ContextTokens = 400_000, MaxOutputTokens = 128_000, Reasoning = true, Images = new PatchRule(Patches, 1.62m), EarliestApiVersion = "2024-12-01-preview" },
        new("gpt-5-nano", "gpt-5-nano-2025-08-07", CallKind.Chat) { ContextTokens = 400_000, MaxOutputTokens = 128_000, Reasoning = true, Images = new PatchRule(Patches, 2.46m), EarliestApiVersion = "2024-12-01-preview" },
        new("o1", "o1-2024-12-17", CallKind.Chat) { ContextTokens = 200_000, MaxOutputTokens = 100_000, Reasoning = true, Images = new TileRule(75, 150), EarliestApiVersion = "2024-12-01-preview" },
        new("o3", "o3-2025-04-16", CallKind.Chat) { ContextTokens = 200_000, MaxOutputTokens = 100_000, Reasoning = true, Images = new TileRule(75, 150), EarliestApiVersion = "2024-12-01-preview" },
        new("o4-mini", "o4-mini-2025-04-16", CallKind.Chat) { ContextTokens = 200_000, MaxOutputTokens = 100_000, Reasoning = true, Images = new PatchRule(Patches, 1.72m), EarliestApiVersion = "2024-12-01-preview" },
        new("o3-mini", "o3-mini-2025-01-31", CallKind.Chat) { ContextTokens = 200_000, MaxOutputTokens = 100_000, Reasoning = true, EarliestApiVersion = "2024-12-01-preview" },

        // Formats: https://platform.openai.com/docs/api-reference/audio/createTranscription; the 1,500 s: fastrepl/anarlog#7136 and the OpenAI community thread 1306684.
        new("whisper", "whisper-1", CallKind.Transcription) { TranscriptionFormats = ["json", "text", "srt", "verbose_json", "vtt"] },
        new("gpt-4o-transcribe", "gpt-4o-transcribe", CallKind.Transcription) { TranscriptionFormats = ["json", "text"], MaxAudioSeconds = 1500, MeteredByTokens = true, EarliestApiVersion = "2025-03-01-preview" },
        new("gpt-4o-mini-transcribe", "gpt-4o-mini-transcribe", CallKind.Transcription) { TranscriptionFormats = ["json", "text"], MaxAudioSeconds = 1500, MeteredByTokens = true, EarliestApiVersion = "2025-03-01-preview" },
    ];

    /// <exception cref="ArgumentException">No such family.</exception>
    public static ModelFamily Find(string name) =>
        All.FirstOrDefault(family => family.Name == name || family.Snapshot == name)
        ?? throw new ArgumentException($"There is no model family '{name}'; there are {string.Join(", ", All.Select(family => family.Name))}.", nameof(name));
}
