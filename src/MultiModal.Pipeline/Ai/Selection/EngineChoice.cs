namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>What was chosen for a capability, for people to read; holds no secret.</summary>
/// <param name="Capability">What it answers for.</param>
/// <param name="Engine">Who answers.</param>
/// <param name="Address">Where requests go; null for offline engines and those that are off.</param>
/// <param name="Model">Deployment or model; null where <paramref name="Address"/> is.</param>
/// <param name="Family">The row of the model table that it is treated as; null where <paramref name="Address"/> is.</param>
/// <param name="Authentication"><c>key</c>, <c>Entra ID</c> or <c>none</c>.</param>
public sealed record EngineChoice(
    EngineCapability Capability,
    EngineKind Engine,
    Uri? Address,
    string? Model,
    string? Family,
    string Authentication)
{
    public override string ToString() => Address is null
        ? $"{Capability}: {Engine}"
        : $"{Capability}: {Engine}, {Model} (as {Family}) at {Address}, authentication: {Authentication}";
}
