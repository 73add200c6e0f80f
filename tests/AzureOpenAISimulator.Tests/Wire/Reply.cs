using System.Text.Json.Nodes;

namespace AzureOpenAISimulator.Tests.Wire;

/// <summary>An answer as it came.</summary>
internal sealed record Reply(int Status, string? ContentType, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public JsonNode Error => Json["error"]!;

    public string? ErrorCode => (string?)Error["code"];

    public string ErrorMessage => (string)Error["message"]!;

    public string? ErrorParam => (string?)Error["param"];

    public string Content => (string)Json["choices"]![0]!["message"]!["content"]!;
}
