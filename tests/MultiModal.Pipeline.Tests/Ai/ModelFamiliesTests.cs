using MultiModal.Pipeline.Ai.Models;

namespace MultiModal.Pipeline.Tests.Ai;

public class ModelFamiliesTests
{
    [Theory]
    [InlineData("gpt-4o-2024-08-06", "gpt-4o")]
    [InlineData("GPT-4o-mini", "gpt-4o-mini")]
    [InlineData("gpt-4.1-nano", "gpt-4.1-nano")]
    [InlineData("gpt-5-2025-08-07", "gpt-5")]
    [InlineData("gpt-5-chat", "gpt-5-chat")]
    [InlineData("gpt-5.2", "gpt-5.2")]
    [InlineData("gpt-5.3", "gpt-5.")]
    [InlineData("gpt-5.6-luna-2026-07-09", "gpt-5.6-luna")]
    [InlineData("openai/o4-mini", "o4-mini")]
    public void A_chat_model_belongs_to_the_family_with_the_longest_matching_prefix(string model, string family) =>
        Assert.Equal(family, ModelFamilies.BuiltIn.ChatOf(model, ModelFamilies.UnknownServiceChat).Name);

    [Theory]
    [InlineData("whisper-1", "whisper")]
    [InlineData("Systran/faster-whisper-small", "whisper")]
    [InlineData("gpt-4o-mini-transcribe", "gpt-4o-mini-transcribe")]
    [InlineData("gpt-4o-transcribe-diarize", "gpt-4o-transcribe-diarize")]
    [InlineData("gpt-transcribe", "gpt-transcribe")]
    public void A_transcription_model_belongs_to_the_family_with_the_longest_matching_prefix(string model, string family) =>
        Assert.Equal(family, ModelFamilies.BuiltIn.SpeechOf(model).Name);

    [Fact]
    public void Unknown_names_belong_to_no_family()
    {
        Assert.Same(ModelFamilies.CompatibleChat, ModelFamilies.BuiltIn.ChatOf("our-model", ModelFamilies.CompatibleChat));
        Assert.Same(ModelFamilies.UnknownSpeech, ModelFamilies.BuiltIn.SpeechOf("our-ears"));
    }

    [Theory]
    [InlineData("gpt-4.1-mini", PromptCacheTerms.Keyed)]
    [InlineData("gpt-5.4-mini", PromptCacheTerms.Keyed)]
    [InlineData("gpt-5.6-luna", PromptCacheTerms.PaidWrites)]
    [InlineData("gpt-6-luna", PromptCacheTerms.PaidWrites)]
    [InlineData("our-model", PromptCacheTerms.Unknown)]
    public void Models_whose_cache_is_written_for_a_price_are_asked_by_marks(string model, PromptCacheTerms terms) =>
        Assert.Equal(terms, ModelFamilies.BuiltIn.ChatOf(model, ModelFamilies.UnknownServiceChat).Caching);

    [Fact]
    public void Models_that_refuse_max_tokens_are_asked_on_the_v1_path()
    {
        Assert.All(
            ModelCatalogue.BuiltIn.Models.Where(m => m.Chat is not null).Select(m => ModelFamilies.BuiltIn.ChatOf(m.Name, ModelFamilies.CompatibleChat)),
            f => Assert.Equal(f.OutputLimit == "max_completion_tokens", f.Path == AzurePath.V1));
    }
}
