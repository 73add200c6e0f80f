using System.Text.Json;
using System.Text.Json.Nodes;

namespace MultiModal.Faults.Tests.Upgrade;

/// <summary>Compares JSON as a reader does who knows the members of an older build and ignores all others.</summary>
internal static class JsonMembers
{
    /// <param name="what">Names what is compared in the message of a test that fails.</param>
    /// <param name="expected">All of its members are looked for, at every level.</param>
    /// <param name="actual">May have more members.</param>
    /// <param name="except">Names of members that may differ or be missing, at every level.</param>
    public static void AssertSame(string what, string expected, string actual, params string[] except)
    {
        var differences = Compare("$", JsonNode.Parse(expected), JsonNode.Parse(actual), except).ToList();
        Assert.True(differences.Count == 0, $"{what}:\n{string.Join('\n', differences)}");
    }

    private static IEnumerable<string> Compare(string path, JsonNode? expected, JsonNode? actual, string[] except) => (expected, actual) switch
    {
        (JsonObject members, JsonObject found) => members.Where(m => !except.Contains(m.Key)).SelectMany(m => found.ContainsKey(m.Key)
            ? Compare($"{path}.{m.Key}", m.Value, found[m.Key], except)
            : [$"{path}.{m.Key} is missing"]),
        (JsonArray elements, JsonArray found) when elements.Count == found.Count =>
            elements.SelectMany((element, index) => Compare($"{path}[{index}]", element, found[index], except)),
        _ => AreEqual(expected, actual) ? [] : [$"{path} was {ToText(expected)} and is {ToText(actual)}"],
    };

    private static bool AreEqual(JsonNode? expected, JsonNode? actual) =>
        expected?.GetValueKind() == JsonValueKind.Number && actual?.GetValueKind() == JsonValueKind.Number
            ? expected.GetValue<decimal>() == actual.GetValue<decimal>()
            : JsonNode.DeepEquals(expected, actual);

    private static string ToText(JsonNode? node) => node?.ToJsonString() ?? "null";
}
