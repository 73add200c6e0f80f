using MultiModal.Pipeline.Ai.Models;

namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>What the catalogue calls the models that serve a capability.</summary>
internal static class AskedCapability
{
    public static ModelCapability Of(EngineCapability capability) => capability switch
    {
        EngineCapability.Speech => ModelCapability.Transcription,
        EngineCapability.ImageGeneration => ModelCapability.ImageGeneration,
        _ => ModelCapability.Chat,
    };
}
