using System.Globalization;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Content;

namespace AzureOpenAISimulator.Schemas;

/// <summary>
/// Makes a value that satisfies a schema, out of what the prompt is about. Generic over property names: they only decide which of the digest's words
/// go where.
/// </summary>
public sealed class SchemaAnswer(JsonObject root, PromptDigest digest)
{
    public JsonNode? Generate() => Value(root, "");

    private JsonNode? Value(JsonObject schema, string name)
    {
        if ((string?)schema["$ref"] is { } reference) return Value(Resolve(reference), name);
        if (schema.ContainsKey("const")) return schema["const"]?.DeepClone();
        if (schema["enum"] is JsonArray values) return values.FirstOrDefault(value => value is not null)?.DeepClone();
        if ((schema["anyOf"] ?? schema["oneOf"]) is JsonArray options)
        {
            var option = options.OfType<JsonObject>().FirstOrDefault(candidate => (string?)(candidate["type"] as JsonValue) != "null");
            return option is null ? null : Value(option, name);
        }
        var types = schema["type"] switch
        {
            JsonArray several => several.Select(type => (string?)type).ToArray(),
            JsonValue one => [(string?)one],
            _ => [schema.ContainsKey("properties") ? "object" : "string"],
        };
        if (digest.Scripted(name) is { } scripted && types.Any(type => Fits(scripted, type))) return scripted;
        return types.FirstOrDefault(type => type != "null") switch
        {
            "object" => Record(schema),
            "array" => Array(schema, name),
            "string" => Text(schema, name),
            "integer" or "number" => Number(schema),
            "boolean" => false,
            _ => null,
        };
    }

    private JsonObject Record(JsonObject schema)
    {
        var record = new JsonObject();
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject propertySchema) record[name] = Value(propertySchema, name);
        }
        return record;
    }

    private JsonArray Array(JsonObject schema, string name)
    {
        var items = schema["items"] as JsonObject ?? new JsonObject { ["type"] = "string" };
        var least = (int?)schema["minItems"] ?? 0;
        var most = (int?)schema["maxItems"] ?? 12;
        if ((string?)(items["type"] as JsonValue) != "string" || items.ContainsKey("enum"))
        {
            return [.. Enumerable.Range(0, Math.Clamp(1, least, most)).Select(_ => Value(items, name))];
        }
        var words = Says(name, "tag", "topic", "keyword", "label")
            ? digest.Keywords
            : digest.HasImages ? [digest.Description] : digest.Outline.Take(3).ToArray();
        var padded = words.Concat(
            Enumerable.Range(1, Math.Max(0, least - words.Count)).Select(number => $"{name} {number.ToString(CultureInfo.InvariantCulture)}"));
        return [.. padded.Take(most).Select(word => (JsonNode)word)];
    }

    private JsonNode Text(JsonObject schema, string name)
    {
        var text = (string?)schema["format"] switch
        {
            "date" => "2024-01-01",
            "date-time" => "2024-01-01T00:00:00Z",
            _ when Says(name, "language", "locale") => "en",
            _ when Says(name, "title", "headline") => digest.Title,
            _ when Says(name, "text", "ocr") => digest.VisibleText,
            _ => digest.Description,
        };
        var least = (int?)schema["minLength"] ?? 0;
        var most = (int?)schema["maxLength"] ?? int.MaxValue;
        return (text.Length > most ? text[..most] : text).PadRight(least, '.');
    }

    private static JsonNode Number(JsonObject schema) => schema["minimum"]?.DeepClone() ?? 0;

    private static bool Says(string name, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (name.Contains(word, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    private static bool Fits(JsonNode value, string? type) => value.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.String => type == "string",
        System.Text.Json.JsonValueKind.Array => type == "array",
        System.Text.Json.JsonValueKind.Object => type == "object",
        System.Text.Json.JsonValueKind.Number => type is "number" or "integer",
        System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => type == "boolean",
        _ => type == "null",
    };

    private JsonObject Resolve(string reference)
    {
        JsonNode? at = root;
        foreach (var step in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries)) at = at?[step];
        return at as JsonObject ?? throw new InvalidOperationException($"The schema has no {reference}.");
    }
}
