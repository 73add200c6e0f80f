using AzureOpenAISimulator.Metering;

namespace AzureOpenAISimulator.Wire;

/// <summary>An answer that a model worked for.</summary>
public sealed record PaidAnswer(Answer Answer, CallUsage Usage);
