using System.Text.Json;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>Reads the members of a model's answer and remembers the first thing that is wrong with it.</summary>
internal sealed class AnswerReader(JsonElement answer)
{
    public string? Problem { get; private set; } = answer.ValueKind == JsonValueKind.Object ? null : "The answer is not a JSON object.";

    /// <summary>Reads a string, with line ends as "\n" and no space around it; empty if it is wrong.</summary>
    public string Text(string name, bool required)
    {
        if (Member(name) is not { } value) return "";
        if (value.ValueKind != JsonValueKind.String) return Wrong($"\"{name}\" is not a string.");
        var text = value.GetString()!.ReplaceLineEndings("\n").Trim();
        return required && text.Length == 0 ? Wrong($"\"{name}\" is empty.") : text;
    }

    public string? NullableText(string name)
    {
        if (Member(name) is not { } value || value.ValueKind == JsonValueKind.Null) return null;
        return Text(name, required: false) is { Length: > 0 } text ? text : null;
    }

    /// <summary>Reads a list of strings, without blank ones and repetitions.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (Member(name) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.String))
        {
            Wrong($"\"{name}\" is not an array of strings.");
            return [];
        }

        return [.. value.EnumerateArray().Select(v => v.GetString()!.ReplaceLineEndings(" ").Trim()).Where(t => t.Length > 0).Distinct()];
    }

    private JsonElement? Member(string name)
    {
        if (Problem is not null) return null;
        if (answer.TryGetProperty(name, out var value)) return value;
        Wrong($"\"{name}\" is missing.");
        return null;
    }

    private string Wrong(string problem)
    {
        Problem ??= problem;
        return "";
    }
}
