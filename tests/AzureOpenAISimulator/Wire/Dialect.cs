namespace AzureOpenAISimulator.Wire;

/// <summary>Which of the three doors a call came through; they differ in authentication, versions and the shape of gateway errors.</summary>
public enum Dialect
{
    /// <summary><c>/openai/deployments/{deployment}/…?api-version=</c>.</summary>
    AzureDeployment,

    /// <summary><c>/openai/v1/…</c>.</summary>
    AzureV1,

    /// <summary><c>/v1/…</c>, as OpenAI and compatible servers have it.</summary>
    OpenAI,
}
