using AzureOpenAISimulator.Wire;
using Rules = AzureOpenAISimulator.Models.PublishedImageRules;

namespace AzureOpenAISimulator.Models;

/// <summary>
/// The models that the simulator plays, as they stood on 2026-11-28. Sources, unless a row names its own:
/// context and output sizes, https://platform.openai.com/docs/models, Azure OpenAI "Models" and "Foundry Models sold by Azure" (2026-09-23);
/// image tokens, <see cref="PublishedImageRules"/>; refused parameters, <see cref="ReasoningRules"/>;
/// earliest api-versions, Azure OpenAI "Reasoning models". Retired models stay, for the tests of what an old installation asks.
/// </summary>
public static class ModelFamilies
{
    private const string ReasoningVersion = "2024-12-01-preview";

    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        Chat("gpt-4o", "2024-08-06") with
        {
            ContextTokens = 128_000, MaxOutputTokens = 16_384, Images = Rules.Gpt4o,
        },
        Chat("gpt-4o-mini", "2024-07-18") with
        {
            ContextTokens = 128_000, MaxOutputTokens = 16_384, Images = Rules.Gpt4oMini,
        },
        Chat("gpt-4.1", "2025-04-14") with
        {
            ContextTokens = 1_047_576, MaxOutputTokens = 32_768, Images = Rules.Gpt4o,
        },
        Chat("gpt-4.1-mini", "2025-04-14") with
        {
            ContextTokens = 1_047_576, MaxOutputTokens = 32_768, Images = Rules.SameAtEveryDetail(1.62m),
        },
        Chat("gpt-4.1-nano", "2025-04-14") with
        {
            ContextTokens = 1_047_576, MaxOutputTokens = 32_768, Images = Rules.SameAtEveryDetail(2.46m),
        },
        Small("gpt-5", "2025-08-07", ReasoningRules.Gpt5) with { Images = Rules.Gpt5 },
        Small("gpt-5-mini", "2025-08-07", ReasoningRules.Gpt5) with { Images = Rules.SameAtEveryDetail(1.2m) },
        Small("gpt-5-nano", "2025-08-07", ReasoningRules.Gpt5) with { Images = Rules.SameAtEveryDetail(1.5m) },
        Small("gpt-5.1", "2025-11-13", ReasoningRules.Gpt51) with { Images = Rules.Gpt5 },
        Small("gpt-5.2", "2025-12-11", ReasoningRules.Gpt52) with { Images = Rules.SameAtEveryDetail(1.2m) },
        Large("gpt-5.4", "2026-03-05", ReasoningRules.Gpt52) with { Images = Rules.Gpt54 },
        Small("gpt-5.4-mini", "2026-03-17", ReasoningRules.Gpt52) with { Images = Rules.Gpt54 },
        Small("gpt-5.4-nano", "2026-03-17", ReasoningRules.Gpt52) with { Images = Rules.Gpt54 },
        Large("gpt-5.5", "2026-04-24", ReasoningRules.Gpt52) with { Images = Rules.Gpt55 },
        Newer("gpt-5.6-sol", "2026-07-09", ReasoningRules.Gpt56) with { FlexOnAzure = true },
        Newer("gpt-5.6-terra", "2026-07-09", ReasoningRules.Gpt56),
        Newer("gpt-5.6-luna", "2026-07-09", ReasoningRules.Gpt56),
        Newer("gpt-6-astra", "2026-09-03", ReasoningRules.Always),
        Newer("gpt-6-sol", "2026-09-22", ReasoningRules.Gpt56),
        Newer("gpt-6-luna", "2026-09-22", ReasoningRules.Gpt56),
        Newer("gpt-6.1-sol", "2026-09-29", ReasoningRules.Always),
        Newer("gpt-6.1-terra", "2026-10-26", ReasoningRules.Gpt56),
        Old("o1", "2024-12-17") with { Images = Rules.OSeries },
        Old("o3", "2025-04-16") with { Images = Rules.OSeries },
        Old("o4-mini", "2025-04-16") with { Images = Rules.SameAtEveryDetail(1.72m) },
        Old("o3-mini", "2025-01-31"),

        new("whisper", "whisper-1", CallKind.Transcription) { Speech = SpeechRules.Whisper },
        Transcribe("gpt-4o-transcribe", SpeechRules.Gpt4o) with { MaxOutputTokens = 2_000 },
        Transcribe("gpt-4o-mini-transcribe", SpeechRules.Gpt4o) with { MaxOutputTokens = 2_000 },
        Transcribe("gpt-4o-transcribe-diarize", SpeechRules.Diarizing) with { MaxOutputTokens = 2_000 },
        Transcribe("gpt-transcribe", SpeechRules.GptTranscribe),
        new("gpt-image-2", "gpt-image-2-2026-04-21", CallKind.ImageGeneration) { Pictures = PictureRules.GptImage2 },
        new("gpt-image-2.5-sunburst", "gpt-image-2.5-sunburst", CallKind.ImageGeneration) { Pictures = PictureRules.GptImage25 },
        new("gpt-image-2.5-flare", "gpt-image-2.5-flare", CallKind.ImageGeneration) { Pictures = PictureRules.GptImage25 },
    ];

    /// <exception cref="ArgumentException">No such family.</exception>
    public static ModelFamily Find(string name) =>
        All.FirstOrDefault(family => family.Name == name || family.Snapshot == name)
        ?? throw new ArgumentException(
            $"There is no model family '{name}'; there are {string.Join(", ", All.Select(family => family.Name))}.", nameof(name));

    private static ModelFamily Chat(string name, string version) => new(name, $"{name}-{version}", CallKind.Chat);

    private static ModelFamily Reasoning(string name, string version, ReasoningRules rules) =>
        Chat(name, version) with { Reasoning = rules, EarliestApiVersion = ReasoningVersion };

    // The 2,000 tokens, past which an answer ends without a word: developers.openai.com/api/docs/models/gpt-4o-transcribe. Where Azure answers for
    // the newest of them is not published (a 404 on v1 was reported in September 2026), so that both paths do, and a deployment can be kept off v1.
    private static ModelFamily Transcribe(string name, SpeechRules rules) =>
        new(name, name, CallKind.Transcription) { Speech = rules, EarliestApiVersion = "2025-03-01-preview" };

    private static ModelFamily Old(string name, string version) =>
        Reasoning(name, version, ReasoningRules.OSeries) with { ContextTokens = 200_000, MaxOutputTokens = 100_000 };

    private static ModelFamily Small(string name, string version, ReasoningRules rules) =>
        Reasoning(name, version, rules) with { ContextTokens = 400_000, MaxInputTokens = 272_000, MaxOutputTokens = 128_000 };

    private static ModelFamily Large(string name, string version, ReasoningRules rules) =>
        Reasoning(name, version, rules) with { ContextTokens = 1_050_000, MaxInputTokens = 922_000, MaxOutputTokens = 128_000 };

    // Flex: of OpenAI's models only gpt-5.6 and gpt-6 could be confirmed, so that older ones are refused; Azure's page of 2026-09-24 names
    // gpt-5.6-sol alone.
    private static ModelFamily Newer(string name, string version, ReasoningRules rules) =>
        Large(name, version, rules) with { Images = Rules.Gpt56, FlexOnOpenAI = true, CacheBreakpoints = true };
}
