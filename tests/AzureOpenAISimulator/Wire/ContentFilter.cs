using System.Text.Json.Nodes;

namespace AzureOpenAISimulator.Wire;

/// <summary>Azure's verdicts on prompts and completions, as its content filtering reference shows them.</summary>
public static class ContentFilter
{
    /// <param name="filtered">Whether one category (violence) is over the line.</param>
    public static JsonObject Results(bool filtered) => new()
    {
        ["hate"] = Verdict(false),
        ["jailbreak"] = new JsonObject { ["filtered"] = false, ["detected"] = false },
        ["self_harm"] = Verdict(false),
        ["sexual"] = Verdict(false),
        ["violence"] = Verdict(filtered),
    };

    private static JsonObject Verdict(bool filtered) => new() { ["filtered"] = filtered, ["severity"] = filtered ? "medium" : "safe" };
}
