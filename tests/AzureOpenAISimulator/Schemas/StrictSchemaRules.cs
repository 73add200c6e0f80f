using System.Text.Json.Nodes;

namespace AzureOpenAISimulator.Schemas;

/// <summary>
/// What <c>strict: true</c> demands of a schema (Azure OpenAI "Structured outputs", "JSON Schema support and limitations").
/// Sentences as services say them: dottxt-ai/outlines#1666, web-infra-dev/midscene#344, and the recording
/// ChatToolTests/StructuredOutputs(WithoutSchema,Strict).
/// </summary>
public static class StrictSchemaRules
{
    private const int MaxProperties = 100;
    private const int MaxDepth = 5;

    // Azure lists these as unsupported; OpenAI has since allowed some of them.
    private static readonly string[] RefusedByAzure =
    [
        "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "multipleOf", "patternProperties", "unevaluatedProperties",
        "propertyNames",
        "minProperties", "maxProperties", "unevaluatedItems", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems",
    ];

    /// <returns>What is wrong with it, or null.</returns>
    public static string? FirstBreach(JsonObject schema, bool azure)
    {
        if (!IsType(
            schema,
            "object")) return $"schema must be a JSON Schema of 'type: \"object\"', got 'type: {schema["type"]?.ToJsonString() ?? "\"None\""}'.";
        var count = 0;
        return Breach(schema, [], 1, azure, ref count)
            ?? (count > MaxProperties ? $"Schema has {count} object properties in total, but the limit is {MaxProperties}." : null);
    }

    private static string? Breach(JsonObject schema, IReadOnlyList<string> path, int depth, bool azure, ref int count)
    {
        var context = $"In context=({string.Join(", ", path.Select(step => $"'{step}'"))}{(path.Count == 1 ? "," : "")}), ";
        if (azure && RefusedByAzure.FirstOrDefault(schema.ContainsKey) is { } keyword) return $"{context}'{keyword}' is not permitted.";
        if (IsType(schema, "object"))
        {
            if (depth > MaxDepth) return $"{context}the schema exceeds the limit of {MaxDepth} levels of nesting.";
            if (schema["additionalProperties"] is not JsonValue allowed || !allowed.TryGetValue(out bool any) || any)
            {
                return $"{context}'additionalProperties' is required to be supplied and to be false.";
            }
            var required = (schema["required"] as JsonArray ?? []).Select(name => (string?)name).ToHashSet();
            foreach (var (name, value) in schema["properties"] as JsonObject ?? [])
            {
                count++;
                if (!required.Contains(
                    name)) return $"{context}'required' is required to be supplied and to be an array including every key in properties. Missing "
                        + $"'{name}'.";
                if (value is JsonObject property
                    && Breach(property, [.. path, "properties", name], depth + 1, azure, ref count) is { } breach) return breach;
            }
        }
        if (IsType(schema, "array") && schema["items"] is not JsonObject) return $"{context}array schema missing items.";
        if (schema["items"] is JsonObject items && Breach(items, [.. path, "items"], depth, azure, ref count) is { } inItems) return inItems;
        foreach (var keywordWithSchemas in new[] { "anyOf", "$defs" })
        {
            var children = schema[keywordWithSchemas] switch
            {
                JsonArray array => array.Select((child, index) => (Name: index.ToString(System.Globalization.CultureInfo.InvariantCulture), child)),
                JsonObject defs => defs.Select(pair => (Name: pair.Key, child: pair.Value)),
                _ => [],
            };
            foreach (var (name, child) in children)
            {
                if (child is JsonObject nested
                    && Breach(nested, [.. path, keywordWithSchemas, name], depth, azure, ref count) is { } breach) return breach;
            }
        }
        return null;
    }

    private static bool IsType(JsonObject schema, string type) => schema["type"] switch
    {
        JsonValue value => value.TryGetValue(out string? name) && name == type,
        JsonArray types => types.Any(name => (string?)name == type),
        _ => false,
    };
}
