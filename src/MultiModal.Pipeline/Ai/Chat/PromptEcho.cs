using System.Text.Json;
using System.Text.RegularExpressions;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>
/// Recognises an answer that recites its instructions, as a picture or a recording may have asked for. The model's
/// instructions are no answer, and must not appear in a report.
/// </summary>
internal static partial class PromptEcho
{
    /// <summary>Smallest length of a prompt line that counts, in characters: shorter lines may occur in any text.</summary>
    private const int ShortestLine = 60;

    public static bool IsIn(JsonElement answer, string prompt)
    {
        var said = Plain(string.Join('\n', Strings(answer)));
        return prompt.Split('\n').Select(Plain).Any(line => line.Length >= ShortestLine && said.Contains(line, StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<string> Strings(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Strings),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => Strings(p.Value)),
        _ => [],
    };

    private static string Plain(string text) => Space().Replace(text, " ").Trim(' ', '-');

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
