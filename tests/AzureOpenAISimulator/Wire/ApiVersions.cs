namespace AzureOpenAISimulator.Wire;

/// <summary>Which api-versions are known where. Source: Azure OpenAI "API version lifecycle"; Azure.AI.OpenAI 2.1.0 sends the two GA ones.</summary>
public static class ApiVersions
{
    /// <summary>Knows neither <c>json_schema</c> nor <c>max_completion_tokens</c>.</summary>
    public const string Older = "2024-06-01";

    public const string Newer = "2024-10-21";

    /// <exception cref="WireException">The real service does not know the version at this path.</exception>
    public static void Check(Dialect dialect, string? version)
    {
        if (dialect == Dialect.AzureDeployment && version is not (Older or Newer)) throw Refusals.ResourceNotFound();
        if (dialect == Dialect.AzureV1 && version is not (null or "" or "v1" or "preview" or "latest")) throw Refusals.ApiVersionNotSupported();
    }
}
