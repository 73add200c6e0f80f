namespace MultiModal.Pipeline.Ai;

/// <summary>The parts of an engine's name (<see cref="EngineIdentity.Name"/>).</summary>
/// <param name="Provider">Who runs it; null where no engine is named.</param>
/// <param name="Model">Its deployment, model or program, in which there may be slashes; null where no engine is named.</param>
internal readonly record struct EngineName(string? Provider, string? Model)
{
    public static EngineName Parse(string? name) => name?.Split('/', 2) is [var provider, var model] ? new(provider, model) : default;
}
