using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AzureOpenAISimulator.Calls;
using AzureOpenAISimulator.Schemas;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Chat;

/// <summary>The <c>response_format</c> of a chat request.</summary>
public sealed partial class ChatFormat(JsonObject body, IReadOnlyList<string> texts)
{
    private const string Field = "response_format.json_schema";

    public string? Type => (string?)body["response_format"]?["type"];

    /// <returns>The schema to answer by, where there is one.</returns>
    /// <exception cref="WireException">The service refuses the format.</exception>
    public JsonObject? Check(CallContext context)
    {
        switch (Type)
        {
            case null or "text":
                return SchemaInPrompt.Find(texts);
            case "json_object" when !context.Deployment.JsonMode:
                throw Unsupported("json_object");
            case "json_object":
                return texts.Any(text => text.Contains("json", StringComparison.OrdinalIgnoreCase))
                    ? SchemaInPrompt.Find(texts)
                    : throw Refusals.Invalid(
                        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", "messages");
            case "json_schema":
                return Schema(context);
            case var other:
                throw Refusals.Invalid(
                    $"Invalid value: '{other}'. Supported values are: 'json_object', 'json_schema', and 'text'.",
                    "response_format.type", "invalid_value");
        }
    }

    private JsonObject Schema(CallContext context)
    {
        if (context.ApiVersion == ApiVersions.Older)
        {
            // crmne/ruby_llm#600 quotes it.
            throw Refusals.Gateway(
                400, "BadRequest", "response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later");
        }
        if (!context.Deployment.JsonSchema) throw Unsupported("json_schema");
        if (body["response_format"]!["json_schema"] is not JsonObject format) throw Missing(Field);
        var name = (string?)format["name"] ?? throw Missing($"{Field}.name");
        if (!SchemaName().IsMatch(name))
        {
            throw Refusals.Invalid(
                $"Invalid '{Field}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
                $"{Field}.name", "invalid_value");
        }
        if (format["schema"] is not JsonObject schema) throw Missing($"{Field}.schema");
        if ((bool?)format["strict"] == true && StrictSchemaRules.FirstBreach(schema, context.Dialect != Dialect.OpenAI) is { } breach)
        {
            throw Refusals.Invalid($"Invalid schema for response_format '{name}': {breach}", "response_format");
        }
        return schema;
    }

    private static WireException Missing(string parameter) =>
        Refusals.Invalid($"Missing required parameter: '{parameter}'.", parameter, "missing_required_parameter");

    private static WireException Unsupported(string format) => Refusals.Invalid(
        $"Invalid parameter: 'response_format' of type '{format}' is not supported with this model. "
        + "Learn more about supported models at the Structured Outputs guide: https://platform.openai.com/docs/guides/structured-outputs");

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex SchemaName();
}
