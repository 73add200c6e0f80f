using System.Text.Json.Nodes;

namespace AzureOpenAISimulator.Content;

/// <summary>What the simulator shall "see" or "hear" in particular bytes.</summary>
/// <param name="ContentHash">SHA-256 of the image or recording as sent, lowercase hex.</param>
/// <param name="Text">A recording's words (empty for silence), or an image's visible text; null leaves it to the simulator.</param>
/// <param name="Properties">
/// Values by property name that take the place of the generated ones in a JSON answer, where the schema has such a property.
/// </param>
/// <param name="Languages">Codes of the languages that are heard in a recording (empty where that is unsure); null leaves it to the
/// simulator.</param>
public sealed record KnownContent(
    string ContentHash, string? Text = null, JsonObject? Properties = null, IReadOnlyList<string>? Languages = null);
