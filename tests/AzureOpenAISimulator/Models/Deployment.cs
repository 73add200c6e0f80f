namespace AzureOpenAISimulator.Models;

/// <summary>A name that callers use for a model. Through <c>/v1</c> it is the model's name.</summary>
/// <param name="Name">As in the path, or as <c>model</c> in the body.</param>
/// <param name="Family">One of <see cref="ModelFamilies"/>.</param>
/// <param name="JsonSchema">False plays a compatible server that refuses JSON-schema output.</param>
/// <param name="JsonMode">False plays one that refuses JSON mode too.</param>
/// <param name="OnV1">False plays one that Azure answers for on the deployments path alone, and with <c>DeploymentNotFound</c> on v1.</param>
public sealed record Deployment(string Name, ModelFamily Family, bool JsonSchema = true, bool JsonMode = true, bool OnV1 = true);
