namespace AzureOpenAISimulator.Wire;

/// <summary>Which api-versions are known where. Source: Azure OpenAI "API version lifecycle"; Azure.AI.OpenAI 2.1.0 sends the two GA ones.</summary>
public static class ApiVersions
{
    /// <summary>Knows neither <c>json_schema</c> nor <c>max_completion_tokens</c>.</summary>
    public const string Older = "2024-06-01";

    public const string Newer = "2024-10-21";

    /// <summary>
    /// Dated previews that speech models are still documented with on the deployments path; Azure.AI.OpenAI 2.9.0-beta.1 sends the second.
    /// </summary>
    private static readonly string[] Previews = ["2025-03-01-preview", "2025-04-01-preview"];

    /// <exception cref="WireException">The real service does not know the version at this path.</exception>
    public static void Check(Dialect dialect, string? version)
    {
        if (dialect == Dialect.AzureDeployment && version is not (Older or Newer) && !Previews.Contains(version)) throw Refusals.ResourceNotFound();
        if (dialect == Dialect.AzureV1 && version is not (null or "" or "v1" or "preview" or "latest")) throw Refusals.ApiVersionNotSupported();
    }

    /// <param name="dialect">Only dated versions can be too old.</param>
    /// <param name="version">As the query has it.</param>
    /// <param name="earliest">The first version that knows the model; null where all do.</param>
    /// <exception cref="WireException">The version is older than the model.</exception>
    public static void CheckModel(Dialect dialect, string? version, string? earliest)
    {
        if (dialect != Dialect.AzureDeployment || earliest is null) return;
        if (string.CompareOrdinal(version, earliest) < 0) throw Refusals.ApiVersionTooOld(earliest);
    }
}
