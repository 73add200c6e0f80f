namespace AzureOpenAISimulator.Wire;

/// <summary>What is asked of a model.</summary>
public enum CallKind
{
    Chat,
    Transcription,
    ImageGeneration,
}
