using System.Text.Json;
using System.Text.Json.Serialization;

namespace MultiModal.Pipeline;

/// <summary>
/// JSON format of everything the product writes: camelCase members, enums as camelCase strings, nulls written out (a null means "not
/// known", an absent member would mean "not in this version"), and the default encoder, which escapes every character that has a meaning
/// in HTML.
/// </summary>
public static class PipelineJson
{
    public static JsonSerializerOptions Options { get; } = Create(indented: false);

    public static JsonSerializerOptions Indented { get; } = Create(indented: true);

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = indented,
            NumberHandling = JsonNumberHandling.Strict,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
