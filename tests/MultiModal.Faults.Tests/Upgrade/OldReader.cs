using System.Text.Json.Nodes;
using NJsonSchema;

namespace MultiModal.Faults.Tests.Upgrade;

/// <summary>
/// A reader of reports that was written against the schema of an older build. It ignores members that it does not know. All others have to be there,
/// as its schema says.
/// </summary>
internal sealed class OldReader
{
    private readonly JsonObject schema;
    private readonly JsonSchema validator;

    private OldReader(JsonObject schema, JsonSchema validator) => (this.schema, this.validator) = (schema, validator);

    public static async Task<OldReader> OpenAsync()
    {
        var path = Repository.File("tests", "MultiModal.Faults.Tests", "Upgrade", $"report.schema.{RecordedAccount.Commit}.json");
        var text = await File.ReadAllTextAsync(path);
        return new OldReader(JsonNode.Parse(text)!.AsObject(), await JsonSchema.FromJsonAsync(text));
    }

    /// <returns>Everything that the reader cannot read; empty where it can read the report.</returns>
    public IReadOnlyList<string> FindComplaints(string report)
    {
        var known = JsonNode.Parse(report)!;
        RemoveUnknown(known, schema);
        return [.. validator.Validate(known.ToJsonString()).Select(e => e.ToString())];
    }

    private void RemoveUnknown(JsonNode? value, JsonObject expected)
    {
        if (expected["$ref"]?.GetValue<string>() is { } reference)
        {
            RemoveUnknown(value, schema["definitions"]![reference["#/definitions/".Length..]]!.AsObject());
            return;
        }

        // One alternative is null, and the other says what the value may have.
        foreach (var alternative in expected["oneOf"]?.AsArray() ?? []) RemoveUnknown(value, alternative!.AsObject());
        if (value is JsonArray elements && expected["items"] is JsonObject element)
        {
            foreach (var each in elements) RemoveUnknown(each, element);
        }

        if (value is not JsonObject members || expected["properties"] is not JsonObject properties) return;
        foreach (var unknown in members.Select(m => m.Key).Where(name => !properties.ContainsKey(name)).ToList()) members.Remove(unknown);
        foreach (var (name, member) in members) RemoveUnknown(member, properties[name]!.AsObject());
    }
}
