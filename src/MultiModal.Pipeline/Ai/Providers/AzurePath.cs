namespace MultiModal.Pipeline.Ai.Providers;

/// <summary>Where an Azure OpenAI resource answers for a model.</summary>
public enum AzurePath
{
    /// <summary><c>/openai/deployments/{deployment}/…?api-version=2024-10-21</c>, the last GA version that Azure.AI.OpenAI 2.1.0 knows.</summary>
    Deployments,

    /// <summary><c>/openai/v1/…</c>, without api-version; all newer models.</summary>
    V1,
}
