using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Ai;

/// <summary>Which engine answers, so that its answers can be cached, priced and told apart.</summary>
/// <param name="Provider"><c>AzureOpenAI</c>, <c>OpenAI</c> or <c>Offline</c>.</param>
/// <param name="Model">Deployment or model name, or the offline program with its version (<c>tesseract 5.3.0</c>).</param>
/// <param name="Version">Everything else on the engine's side that shapes its answer (prompt version, options, schema version), as one string.</param>
/// <param name="PricedAs">Name that the price book knows the model by; null for free engines. It shapes no answer, and is no part of a cache key.</param>
public sealed record EngineIdentity(string Provider, string Model, string Version, [property: JsonIgnore] string? PricedAs = null)
{
    public const string Offline = "Offline";

    /// <summary>As reports and logs name it: <c>AzureOpenAI/gpt-4o-mini</c>.</summary>
    public string Name => $"{Provider}/{Model}";

    /// <summary>Offline engines cost nothing and save nothing.</summary>
    public bool IsFree => Provider == Offline;
}
