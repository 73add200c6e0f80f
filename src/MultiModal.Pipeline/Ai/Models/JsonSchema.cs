using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using MultiModal.Pipeline.Settings;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>
/// Holds JSON to a schema of draft 7, as far as ours use it (json-schema.org/draft-07). A schema with a keyword that is not known here is refused,
/// so that nothing in it is passed over.
/// </summary>
internal sealed class JsonSchema
{
    private const string CatalogueResource = "MultiModal.Pipeline.Ai.Models.models.schema.json";
    private const string Reference = "#/definitions/";

    private static readonly string[] Annotations = ["$schema", "title", "description", "definitions"];
    private static readonly string[] Known =
        ["type", "enum", "required", "properties", "additionalProperties", "items", "$ref", "minimum", "minLength", "minItems", "pattern"];

    private readonly JsonElement root;

    private JsonSchema(JsonElement root)
    {
        this.root = root;
        Refuse(root);
    }

    /// <summary>The schema of the catalogue, as it is published.</summary>
    public static JsonSchema OfCatalogue { get; } = Embedded();

    /// <exception cref="NotSupportedException">It has a keyword that is not known here.</exception>
    public static JsonSchema Parse(string text)
    {
        using var document = JsonDocument.Parse(text);
        return new JsonSchema(document.RootElement.Clone());
    }

    /// <returns>What is wrong, with its place.</returns>
    public IEnumerable<(string Path, string Text)> Check(JsonElement value) => Check(value, root, "$");

    private static JsonSchema Embedded()
    {
        using var resource = typeof(JsonSchema).Assembly.GetManifestResourceStream(CatalogueResource)!;
        using var reader = new StreamReader(resource);
        return Parse(reader.ReadToEnd());
    }

    private static void Refuse(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object) return;
        foreach (var keyword in schema.EnumerateObject())
        {
            if (!Known.Contains(keyword.Name) && !Annotations.Contains(keyword.Name))
            {
                throw new NotSupportedException($"The schema has the keyword '{keyword.Name}', which is not known here.");
            }

            if (keyword.Name is "properties" or "definitions")
            {
                foreach (var inner in keyword.Value.EnumerateObject()) Refuse(inner.Value);
            }
            else if (keyword.Name is "items" or "additionalProperties")
            {
                Refuse(keyword.Value);
            }
        }
    }

    private IEnumerable<(string Path, string Text)> Check(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            schema = root.GetProperty("definitions").GetProperty(reference.GetString()![Reference.Length..]);
        }

        if (schema.TryGetProperty("enum", out var choices))
        {
            if (!choices.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, value)))
            {
                return [(path, $"it must be {OneOf(choices.EnumerateArray().Select(Said))}, and is {Said(value)}")];
            }
        }
        else if (schema.TryGetProperty("type", out var type))
        {
            var types = type.ValueKind == JsonValueKind.String ? [type.GetString()!] : type.EnumerateArray().Select(t => t.GetString()!).ToList();
            if (!types.Exists(t => IsOf(value, t)))
            {
                return [(path, $"it must be {OneOf(types.Select(Kind))}, and is {Said(value)}")];
            }
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object => CheckObject(value, schema, path),
            JsonValueKind.Array => CheckArray(value, schema, path),
            JsonValueKind.Number => CheckNumber(value, schema, path),
            JsonValueKind.String => CheckText(value, schema, path),
            _ => [],
        };
    }

    private IEnumerable<(string Path, string Text)> CheckObject(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Select(n => n.GetString()!).Where(n => !value.TryGetProperty(n, out _)))
            {
                yield return (path, $"the member '{name}' is missing; what is not known is null");
            }
        }

        var members = schema.TryGetProperty("properties", out var properties) ? properties.EnumerateObject().ToList() : [];
        var others = schema.TryGetProperty("additionalProperties", out var additional) ? additional : default;
        foreach (var member in value.EnumerateObject())
        {
            var place = $"{path}.{member.Name}";
            if (members.Find(m => m.NameEquals(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } known)
            {
                foreach (var problem in Check(member.Value, known.Value, place)) yield return problem;
            }
            else if (others.ValueKind == JsonValueKind.False)
            {
                var nearest = Spelling.Nearest(member.Name, members.Select(m => m.Name));
                yield return (place, $"there is no member of this name{(nearest is null ? "" : $" (did you mean '{nearest}'?)")}");
            }
            else if (others.ValueKind == JsonValueKind.Object)
            {
                foreach (var problem in Check(member.Value, others, place)) yield return problem;
            }
        }
    }

    private IEnumerable<(string Path, string Text)> CheckArray(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("minItems", out var least) && value.GetArrayLength() < least.GetInt32())
        {
            yield return (path, string.Create(CultureInfo.InvariantCulture, $"it must have {least.GetInt32()} or more elements"));
        }

        if (!schema.TryGetProperty("items", out var items)) yield break;
        foreach (var (index, element) in value.EnumerateArray().Index())
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
            foreach (var problem in Check(element, items, place)) yield return problem;
        }
    }

    private static IEnumerable<(string Path, string Text)> CheckNumber(JsonElement value, JsonElement schema, string path) =>
        schema.TryGetProperty("minimum", out var least) && value.GetDouble() < least.GetDouble()
            ? [(path, $"it must be {least.GetRawText()} or more, and is {value.GetRawText()}")]
            : [];

    private static IEnumerable<(string Path, string Text)> CheckText(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("minLength", out var least) && value.GetString()!.Length < least.GetInt32()) yield return (path, "it is empty");
        if (schema.TryGetProperty("pattern", out var pattern)
            && !Regex.IsMatch(value.GetString()!, pattern.GetString()!, RegexOptions.None, TimeSpan.FromSeconds(1)))
        {
            yield return (path, $"it must have the form {pattern.GetString()}, and is {Said(value)}");
        }
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && decimal.IsInteger(number),
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => value.ValueKind == JsonValueKind.Array,
    };

    private static string Kind(string type) => type switch
    {
        "null" => "null",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "object" => "an object",
        "array" => "an array",
        _ => $"a {type}",
    };

    private static string Said(JsonElement value)
    {
        const int longest = 40;
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) return Kind(value.ValueKind == JsonValueKind.Object ? "object" : "array");
        var text = value.ValueKind == JsonValueKind.String ? $"'{value.GetString()}'" : value.GetRawText();
        return text.Length <= longest ? text : $"{text[..longest]}…";
    }

    private static string OneOf(IEnumerable<string> words) => string.Join(" or ", words);
}
