using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>
/// What there is of a JSON answer that ended at its maximum length: the members that are whole, and the text that was being written. A list loses
/// the entry that was being written. Members that never came are empty.
/// </summary>
internal static class CutAnswer
{
    /// <summary>Longest escape in a JSON string (<c>\ud83d\ude00</c>), which a cut may leave unfinished, in characters.</summary>
    private const int LongestEscape = 12;

    /// <param name="answer">The answer from its first brace on.</param>
    /// <param name="schema">JSON schema of an object whose members are strings and lists, as the questions have it.</param>
    /// <returns>Null where nothing of the answer came.</returns>
    public static JsonElement? Read(string answer, string schema)
    {
        var text = Encoding.UTF8.GetBytes(answer);
        if (!TryReadMembers(text, out var members, out var cutMember, out var rest)) return null;
        if (cutMember is not null && Unfinished(rest) is { } begun) members[cutMember] = begun;
        if (members.Count == 0) return null;
        using var shape = JsonDocument.Parse(schema);
        foreach (var expected in shape.RootElement.GetProperty("properties").EnumerateObject())
        {
            if (!members.ContainsKey(expected.Name)) members[expected.Name] = Empty(expected.Value.GetProperty("type"));
        }

        return JsonSerializer.SerializeToElement(members);
    }

    /// <summary>
    /// Reads the members that are whole. <paramref name="cutMember"/> is the one whose value had begun, or null; <paramref name="rest"/> is what
    /// follows the last whole token.
    /// </summary>
    private static bool TryReadMembers(byte[] text, [NotNullWhen(true)] out JsonObject? members, out string? cutMember, out string rest)
    {
        (members, cutMember, rest) = (null, null, "");
        try
        {
            var reader = new Utf8JsonReader(text, isFinalBlock: false, state: default);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            members = [];
            JsonArray? list = null;
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        cutMember = reader.GetString();
                        break;
                    case JsonTokenType.StartArray when list is null:
                        members[cutMember!] = list = [];
                        cutMember = null;
                        break;
                    case JsonTokenType.EndArray:
                        list = null;
                        break;
                    case JsonTokenType.String when list is not null:
                        list.Add(reader.GetString());
                        break;
                    case JsonTokenType.String or JsonTokenType.Null when cutMember is not null:
                        members[cutMember] = reader.GetString();
                        cutMember = null;
                        break;
                    case JsonTokenType.EndObject:
                        break;
                    default:
                        return false;
                }
            }

            rest = Encoding.UTF8.GetString(text.AsSpan((int)reader.BytesConsumed));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string? Unfinished(string rest)
    {
        var begun = rest.TrimStart(' ', '\t', '\r', '\n', ':');
        if (!begun.StartsWith('"')) return null;
        for (var length = begun.Length; length > Math.Max(0, begun.Length - LongestEscape); length--)
        {
            try
            {
                return JsonSerializer.Deserialize<string>($"{begun[..length]}\"");
            }
            catch (JsonException)
            {
                // The cut went through an escape.
            }
        }

        return null;
    }

    private static JsonNode? Empty(JsonElement type) => type.ValueKind == JsonValueKind.Array ? null
        : type.GetString() == "array" ? new JsonArray()
        : JsonValue.Create("");
}
