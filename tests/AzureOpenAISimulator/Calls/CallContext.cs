using AzureOpenAISimulator.Billing;
using AzureOpenAISimulator.Caching;
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
/// <param name="Tier">What the call is worked on as.</param>
public sealed record CallContext(
    Deployment Deployment,
    Dialect Dialect,
    string? ApiVersion,
    IReadOnlyList<KnownContent> Known,
    FaultKind? Fault,
    ServiceTier Tier,
    DateTimeOffset Now,
    SimulatorSettings Settings,
    PromptCache Cache)
{
    public ModelFamily Model => Deployment.Family;

    /// <summary>Of the model at the provider whose dialect is spoken, on the day of the call; null where it is not known.</summary>
    public Price? Price { get; } = PriceList.Find(Deployment.Family, Dialect, DateOnly.FromDateTime(Now.UtcDateTime));
}
