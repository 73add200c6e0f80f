using System.Text.Json.Nodes;

namespace AzureOpenAISimulator.Wire;

/// <summary>A whole HTTP answer before it is sent.</summary>
public sealed record Answer(int Status, string ContentType, byte[] Body)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public static Answer Json(int status, JsonNode body) =>
        new(status, "application/json", System.Text.Encoding.UTF8.GetBytes(body.ToJsonString(WireJson.Options)));

    public static Answer Text(string body) => new(200, "text/plain; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(body));
}
