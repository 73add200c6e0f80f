using System.Text.Json.Nodes;
using AzureOpenAISimulator.Media;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Calls;

/// <summary>A call whose body has been read, but not yet judged.</summary>
public abstract class WireRequest
{
    /// <summary>As the body names it; what counts where the path names no deployment.</summary>
    public abstract string? Model { get; }

    public abstract IReadOnlyList<ReceivedMedia> Media { get; }

    /// <inheritdoc cref="Billing.BillLine"/>
    public abstract string ContentHash { get; }

    /// <inheritdoc cref="Billing.BillLine"/>
    public abstract string RequestHash { get; }

    /// <summary>All that it says in words.</summary>
    public abstract IReadOnlyList<string> Texts { get; }

    /// <summary>What the log keeps of it.</summary>
    public abstract JsonObject Recorded { get; }

    /// <returns>What the request is to be worked on as.</returns>
    /// <exception cref="WireException">The model does not offer it.</exception>
    public virtual ServiceTier Tier(ModelFamily model, Dialect dialect) => ServiceTier.Default;

    /// <summary>Judges the request as the model's endpoint would, and answers it.</summary>
    /// <exception cref="WireException">The service refuses.</exception>
    public abstract Task<PaidAnswer> AnswerAsync(CallContext context, CancellationToken cancellationToken);
}
