using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Settings;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Calls;

/// <summary>All that decides how a call is answered, beside the call itself.</summary>
/// <param name="ApiVersion">As the query has it.</param>
/// <param name="Known">What tests have said about particular content.</param>
/// <param name="Fault">Changes the answer where its kind says so.</param>
public sealed record CallContext(
    Deployment Deployment,
    Dialect Dialect,
    string? ApiVersion,
    IReadOnlyList<KnownContent> Known,
    FaultKind? Fault,
    DateTimeOffset Now,
    SimulatorSettings Settings)
{
    public ModelFamily Model => Deployment.Family;
}
