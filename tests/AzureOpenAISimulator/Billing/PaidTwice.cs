using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Billing;

/// <summary>Content that one deployment was paid for more than once.</summary>
/// <param name="Times">All lines.</param>
/// <param name="Delivered">Those whose answer arrived: more than one means that a caller paid again for what it had.</param>
public sealed record PaidTwice(CallKind Kind, string Deployment, string ContentHash, int Times, int Delivered);
