using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Service;
using AzureOpenAISimulator.Settings;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator;

/// <summary>How a simulator starts.</summary>
public sealed record SimulatorOptions
{
    /// <summary>The key that is accepted. Not a secret: it opens nothing but the simulator.</summary>
    public string Key { get; init; } = "simulator-key";

    /// <summary>Whether everybody is answered, with a key or without one, as by a model server of one's own.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Tokens that are accepted as Entra ID's.</summary>
    public IReadOnlyList<string> BearerTokens { get; init; } = ["simulator-token"];

    /// <summary>By default one for each family, named like it, and <c>whisper-1</c>.</summary>
    public IReadOnlyList<Deployment> Deployments { get; init; } =
        [.. ModelFamilies.All.Select(family => new Deployment(family.Name, family)), new Deployment("whisper-1", ModelFamilies.Find("whisper"))];

    public Script Script { get; init; } = Script.None;

    public SimulatorSettings Settings { get; init; } = new();

    /// <summary>Of timestamps and of injected delays.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal Simulator Simulator() => new(Deployments, Script, new Authentication(Key, BearerTokens, IsOpen), Settings, Time);
}
