namespace AzureOpenAISimulator.Caching;

/// <summary>A place in a prompt up to which the service can remember it.</summary>
/// <param name="Tokens">Of the prompt before it.</param>
/// <param name="Hash">Of the prompt before it.</param>
public readonly record struct PromptBoundary(int Tokens, string Hash);
