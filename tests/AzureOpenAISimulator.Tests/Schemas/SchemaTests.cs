using System.Text.Json.Nodes;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Schemas;

namespace AzureOpenAISimulator.Tests.Schemas;

public sealed class SchemaTests
{
    [Theory]
    [InlineData(
        """{"type":"object","properties":{},"required":[]}""", "In context=(), 'additionalProperties' is required to be supplied and to be false.")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.")]
    [InlineData(
        """{"type":"object","properties":{"a":{"type":"string"}},"required":[],"additionalProperties":false}""",
        "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'a'.")]
    [InlineData(
        """{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{}}}},"required":["a"],"additionalProperties":false}""", "In context=('properties', 'a', 'items'), 'additionalProperties' is required to be supplied and to be false.")]
    [InlineData(
        """{"type":"object","properties":{"a":{"type":"array"}},"required":["a"],"additionalProperties":false}""",
        "In context=('properties', 'a'), array schema missing items.")]
    public void Strict_mode_refuses_what_the_service_refuses(string schema, string breach) =>
        Assert.Equal(breach, StrictSchemaRules.FirstBreach(JsonNode.Parse(schema)!.AsObject(), azure: false));

    [Fact]
    public void Azure_refuses_keywords_that_openai_takes()
    {
        var schema =
            JsonNode.Parse(
                """{"type":"object","properties":{"a":{"type":"array","maxItems":3,"items":{"type":"string"}}},"required":["a"],"additionalProperties":false}""")!.AsObject();
        Assert.Equal("In context=('properties', 'a'), 'maxItems' is not permitted.", StrictSchemaRules.FirstBreach(schema, azure: true));
        Assert.Null(StrictSchemaRules.FirstBreach(schema, azure: false));
    }

    [Fact]
    public void Every_kind_of_property_gets_a_value_of_its_kind()
    {
        var schema = JsonNode.Parse("""
            {
              "type": "object",
              "properties": {
                "title": { "type": "string", "maxLength": 10 },
                "maybe": { "type": ["string", "null"] },
                "either": { "anyOf": [ { "type": "null" }, { "$ref": "#/$defs/part" } ] },
                "rating": { "type": "integer", "minimum": 3 },
                "done": { "type": "boolean" },
                "kind": { "type": "string", "enum": ["image", "audio"] },
                "version": { "const": 1 },
                "nothing": { "type": "null" },
                "parts": { "type": "array", "minItems": 2, "items": { "$ref": "#/$defs/part" } },
                "notes": { "type": "array", "minItems": 4, "maxItems": 4, "items": { "type": "string" } }
              },
              "$defs": { "part": { "type": "object", "properties": { "language": { "type": "string" } } } }
            }
            """)!.AsObject();

        var value = new SchemaAnswer(schema, new PromptDigest(["One line of many good words"], [], [])).Generate()!;

        Assert.Equal("One line o", (string?)value["title"]);
        Assert.StartsWith("Summary of 1 inputs.", (string?)value["maybe"], StringComparison.Ordinal);
        Assert.Equal("en", (string?)value["either"]!["language"]);
        Assert.Equal(3, (int)value["rating"]!);
        Assert.False((bool)value["done"]!);
        Assert.Equal("image", (string?)value["kind"]);
        Assert.Equal(1, (int)value["version"]!);
        Assert.True(value.AsObject().ContainsKey("nothing"));
        Assert.Null(value["nothing"]);
        Assert.Equal(2, value["parts"]!.AsArray().Count);
        Assert.Equal(4, value["notes"]!.AsArray().Count);
    }

    [Fact]
    public void Known_content_takes_the_place_of_generated_values_where_the_type_allows()
    {
        var schema =
            JsonNode.Parse(
                """{"type":"object","properties":{"description":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}}}}""")!.AsObject();
        var known = new KnownContent("hash", Properties: JsonNode.Parse("""{"description":"A red door.","tags":"not a list"}""")!.AsObject());
        var value = new SchemaAnswer(schema, new PromptDigest(["Describe colours"], [], [known])).Generate()!;
        Assert.Equal("A red door.", (string?)value["description"]);
        Assert.Equal(["describe", "colours"], value["tags"]!.AsArray().Select(tag => (string)tag!));
    }
}
