using System.Text.Json;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Calls;

/// <summary>The body of a call that is JSON, and its bytes as they came.</summary>
public sealed record JsonBody(JsonObject Json, byte[] Raw)
{
    /// <exception cref="WireException">It is not a JSON object.</exception>
    public static async Task<JsonBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        var raw = buffer.ToArray();
        try
        {
            if (JsonNode.Parse(raw) is JsonObject json) return new(json, raw);
        }
        catch (JsonException)
        {
            // Refused below, as any body that is no JSON object.
        }
        throw Refusals.NotJson();
    }
}
