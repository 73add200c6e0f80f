namespace MultiModal.Pipeline.Ai;

/// <summary>What an engine can be asked for.</summary>
public enum EngineCapability
{
    Vision,
    Speech,
    Text,
}
