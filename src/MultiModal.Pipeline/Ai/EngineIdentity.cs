using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Ai;

/// <summary>The identity of an engine, by which its answers are cached, priced and told apart.</summary>
/// <param name="Provider">Name of the provider: <c>AzureOpenAI</c>, <c>OpenAI</c> or <c>Offline</c>.</param>
/// <param name="Model">Deployment or model name, or the offline program with its version (<c>tesseract 5.3.0</c>).</param>
/// <param name="Version">Everything else on the engine's side that shapes its answer (prompt version, options, schema version), as one
/// string.</param>
/// <param name="PricedAs">Name of the model in the price book; null for free engines. It does not affect the answer, and is not part of a cache
/// key.</param>
public sealed record EngineIdentity(string Provider, string Model, string Version, [property: JsonIgnore] string? PricedAs = null)
{
    public const string Offline = "Offline";

    /// <summary>
    /// The engines that earlier versions asked in this one's place, where nobody chose an engine. It does not affect the answer. Answers of theirs are
    /// looked up before this one is asked.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<EngineIdentity> Earlier { get; init; } = [];

    /// <summary>The name in reports and logs, such as <c>AzureOpenAI/gpt-4o-mini</c>.</summary>
    public string Name => $"{Provider}/{Model}";

    /// <summary>Offline engines cost nothing and save nothing.</summary>
    public bool IsFree => Provider == Offline;

    /// <summary>This engine, and then the earlier ones.</summary>
    internal IEnumerable<EngineIdentity> WithEarlier => [this, .. Earlier];

    /// <summary>Whether the engine is a program that keeps a core of this machine busy.</summary>
    internal bool RunsHere => Provider == Offline;
}
