using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AzureOpenAISimulator.Schemas;

/// <summary>
/// Without JSON-schema output a caller can only describe its schema in the prompt; a good model follows it, and so does the simulator.
/// </summary>
public static class SchemaInPrompt
{
    /// <returns>The first JSON schema of an object in the texts, or null.</returns>
    public static JsonObject? Find(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            for (var at = text.IndexOf('{', StringComparison.Ordinal); at >= 0; at = text.IndexOf('{', at + 1))
            {
                if (ObjectAt(text, at) is { } found && found["properties"] is JsonObject) return found;
            }
        }
        return null;
    }

    private static JsonObject? ObjectAt(string text, int at)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text[at..]));
            return JsonNode.Parse(ref reader) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
