using System.Text.Json.Nodes;

namespace MultiModal.Pipeline.Tests.Ai;

/// <summary>Rows of a catalogue of the host's own.</summary>
internal static class CatalogueRows
{
    /// <summary>A catalogue with these rows.</summary>
    public static JsonObject Of(params JsonObject[] models) => new()
    {
        ["readOn"] = "2027-01-05",
        ["sources"] = new JsonObject { ["page"] = new JsonObject { ["text"] = "the vendor's page", ["readOn"] = "2027-01-04" } },
        ["models"] = new JsonArray([.. models]),
    };

    /// <summary>A model that is asked, counts images and costs as gpt-5.6-luna does.</summary>
    public static JsonObject Chat(string name, Action<JsonObject>? change = null)
    {
        var row = JsonNode.Parse(
            """
            {
              "capability": "chat",
              "released": "2027-01-04",
              "openAI": {"deprecated": null, "retired": "2028-01-04", "successor": "nova-9", "source": "page"},
              "azure": {"path": "v1", "versions": [{"version": "2027-01-04", "deprecated": null, "retired": "2028-07-04"}], "successor": "nova-9", "source": "page"},
              "chat": {
                "limitParameter": "max_completion_tokens", "answerTokens": 16384, "temperature": false,
                "efforts": ["none", "low", "medium", "high"], "effort": "none", "format": "jsonSchema",
                "contextTokens": 1050000, "maxInputTokens": 922000, "maxOutputTokens": 128000, "cacheBreakpoints": true,
                "images": {
                  "patches": {
                    "multiplier": 1.2, "low": {"edge": 512, "patches": null}, "high": {"edge": 2048, "patches": 2500},
                    "original": {"edge": 65535, "patches": null}, "auto": "original"
                  },
                  "source": "page"
                }
              },
              "transcription": null,
              "prices": [
                {
                  "provider": null, "from": null, "input": 0.2, "cached": 0.02, "cacheWrite": 0.25, "audioInput": null, "output": 1.2, "minute": null,
                  "batch": 0.5, "flex": 0.5, "priority": 2, "longPrompt": {"past": 272000, "input": 2, "output": 1.5}, "source": "page"
                }
              ],
              "source": "page"
            }
            """)!.AsObject();
        row["name"] = name;
        change?.Invoke(row);
        return row;
    }
}
