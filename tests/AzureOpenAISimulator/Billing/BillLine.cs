using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Billing;

/// <summary>A call that a model worked for, and that a provider would charge.</summary>
/// <param name="Call">Number of the recorded call.</param>
/// <param name="ContentHash">SHA-256 of the first image or of the recording; of the messages or the prompt where there is no media.</param>
/// <param name="RequestHash">SHA-256 of everything that shapes the answer (whole body, or file and fields).</param>
/// <param name="Delivered">Whether the whole answer was sent to a caller that was still there.</param>
public sealed record BillLine(
    int Call, CallKind Kind, string Deployment, string Model, string ContentHash, string RequestHash, CallUsage Usage, bool Delivered)
{
    /// <summary>What it was worked on as.</summary>
    public ServiceTier Tier { get; init; }

    /// <summary>Not rounded; null where the model's price, or that of the tier, is not known.</summary>
    public decimal? Usd { get; init; }
}
