using System.Text.Json.Nodes;

namespace AzureOpenAISimulator.Wire;

/// <summary>The service refuses; carries the answer it refuses with.</summary>
public sealed class WireException(int status, JsonObject body, IReadOnlyDictionary<string, string>? headers = null) : Exception($"HTTP {status}")
{
    public Answer Answer { get; } = Answer.Json(status, body) with { Headers = headers ?? new Dictionary<string, string>() };

    public string? Code { get; } = (string?)body["error"]?["code"];
}
