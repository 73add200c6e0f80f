using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Calls;

/// <summary>An answer that a model worked for.</summary>
public sealed record PaidAnswer(Answer Answer, CallUsage Usage);
