namespace MultiModal.Pipeline.Ai;

/// <summary>Who answers for a capability.</summary>
public enum EngineKind
{
    /// <summary>A deployment of an Azure OpenAI resource.</summary>
    AzureOpenAI,

    /// <summary>OpenAI itself, or any server that speaks its API (Ollama, vLLM, LM Studio, speaches).</summary>
    OpenAI,

    /// <summary>A program on this machine; free.</summary>
    Offline,

    /// <summary>Nobody: items that need it fail with <see cref="FailureCodes.EngineOff"/>.</summary>
    Off,
}

/// <summary>What an engine can be asked for.</summary>
public enum EngineCapability
{
    Vision,
    Speech,
    Text,
}
