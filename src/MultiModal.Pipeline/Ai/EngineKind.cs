namespace MultiModal.Pipeline.Ai;

/// <summary>The kind of engine that serves a capability.</summary>
public enum EngineKind
{
    /// <summary>A deployment of an Azure OpenAI resource.</summary>
    AzureOpenAI,

    /// <summary>OpenAI itself, or any server that speaks its API (Ollama, vLLM, LM Studio, speaches).</summary>
    OpenAI,

    /// <summary>A program on this machine, which costs nothing.</summary>
    Offline,

    /// <summary>A Whisper model on this machine, for recordings alone, which costs nothing.</summary>
    Whisper,

    /// <summary>No engine: items that need it fail with <see cref="FailureCodes.EngineOff"/>.</summary>
    Off,
}

/// <summary>A kind of request that an engine can serve.</summary>
public enum EngineCapability
{
    Vision,
    Speech,
    Text,

    /// <summary>Making a picture. It is off unless the host configures it.</summary>
    ImageGeneration,
}
