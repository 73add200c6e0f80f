namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>The engine chosen for a capability, in a form for people to read. It holds no secret.</summary>
/// <param name="Capability">The capability.</param>
/// <param name="Engine">Kind of the engine.</param>
/// <param name="Address">Address that requests go to; null for offline engines and those that are off.</param>
/// <param name="Model">Name of the deployment or model; null if <paramref name="Address"/> is null.</param>
/// <param name="Family">Row of the model table that applies to it; null if <paramref name="Address"/> is null.</param>
/// <param name="Authentication">Kind of authentication: <c>key</c>, <c>Entra ID</c> or <c>none</c>.</param>
/// <param name="IsFallback">Whether it is asked only while the first choice of the capability keeps failing.</param>
public sealed record EngineChoice(
    EngineCapability Capability,
    EngineKind Engine,
    Uri? Address,
    string? Model,
    string? Family,
    string Authentication,
    bool IsFallback = false)
{
    /// <summary>The section that the choice is of, such as <c>Ai:Vision</c>.</summary>
    public string Section => $"{AiOptions.Section}:{Capability}{(IsFallback ? $":{nameof(CapabilityOptions.Fallback)}" : "")}";

    public override string ToString() => Address is null
        ? $"{Capability}: {Engine}"
        : $"{Capability}{(IsFallback ? ", fallback" : "")}: {Engine}, {Model} (as {Family}) at {Address}, authentication: {Authentication}";
}
