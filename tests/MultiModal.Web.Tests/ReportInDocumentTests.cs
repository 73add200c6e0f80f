using System.Text.Json;
using System.Text.Json.Nodes;
using MultiModal.Testing.Files;

namespace MultiModal.Web.Tests;

/// <summary>
/// A report in openapi.json is the one of docs/report.schema.json, word for word; only the addresses of its definitions differ.
/// <c>UPDATE_DOCS=1</c> copies it there.
/// </summary>
public sealed class ReportInDocumentTests
{
    private static readonly string Document = Repository.File("src", "MultiModal.Web", "OpenApi", "openapi.json");

    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n",
    };

    [Fact]
    public async Task Reports_in_the_document_are_those_of_their_schema()
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(Document))!;
        var schemas = document["components"]!["schemas"]!.AsObject();
        var expected = await ReadExpectedAsync();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            foreach (var (name, schema) in expected) schemas[name] = schema!.DeepClone();
            await File.WriteAllTextAsync(Document, document.ToJsonString(Written) + "\n");
        }

        Assert.Equal(
            expected.Select(schema => schema.Key).Order(StringComparer.Ordinal),
            schemas.Select(schema => schema.Key).Where(IsOfReport).Order(StringComparer.Ordinal));
        Assert.All(expected, schema => Assert.True(
            JsonNode.DeepEquals(schema.Value, schemas[schema.Key]),
            $"{schema.Key} differs from docs/report.schema.json. UPDATE_DOCS=1 dotnet test tests/MultiModal.Web.Tests --filter {nameof(ReportInDocumentTests)}"));
    }

    [Fact]
    public async Task The_example_of_a_report_is_one()
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(Document))!;
        var content = document["paths"]!["/api/batches/{batch}/report"]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!;

        await MultiModal.Testing.Reports.ReportSchema.HoldsAsync(content["example"]!.ToJsonString());
        Assert.Equal("#/components/schemas/Report", (string?)content["schema"]!["$ref"]);
    }

    private static bool IsOfReport(string schema) => schema.StartsWith("Report", StringComparison.Ordinal);

    private static async Task<JsonObject> ReadExpectedAsync()
    {
        var text = await File.ReadAllTextAsync(Repository.File("docs", "report.schema.json"));
        var report = JsonNode.Parse(text)!.AsObject();
        var expected = new JsonObject();
        foreach (var (name, definition) in report["definitions"]!.AsObject()) expected[NameOf(name)] = Moved(definition);
        foreach (var other in new[] { "$schema", "title", "definitions" }) report.Remove(other);
        expected["Report"] = Moved(report);
        return expected;
    }

    private static string NameOf(string definition) => $"Report{char.ToUpperInvariant(definition[0])}{definition[1..]}";

    private static JsonNode? Moved(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member.Key == "$ref"
            ? JsonValue.Create($"#/components/schemas/{NameOf(member.Value!.GetValue<string>().Split('/')[^1])}")
            : Moved(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Moved)]),
        _ => node?.DeepClone(),
    };
}
