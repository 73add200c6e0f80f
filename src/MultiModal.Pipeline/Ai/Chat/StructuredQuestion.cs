using System.Text.Json;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>A question to a chat model that must answer in a given shape.</summary>
/// <param name="Name">Name of the schema, from a-z and underscores.</param>
/// <param name="System">System message: the model's role, and the rule that content is data.</param>
/// <param name="Schema">JSON schema in the subset that strict structured outputs take: every member required, no others allowed.</param>
/// <param name="WriteParts">Function that writes the content parts of the user's message into an open array. It marks the end of the fixed part,
/// if that is one of them and the argument is true.</param>
/// <param name="Read">Function that turns the model's JSON into a value.</param>
/// <param name="MarkCut">Function that notes on a value that it is of an answer which was cut.</param>
internal sealed record StructuredQuestion<T>(
    string Name,
    string System,
    string Schema,
    Action<Utf8JsonWriter, bool> WriteParts,
    Func<JsonElement, Reading<T>> Read,
    Func<T, T> MarkCut) where T : notnull
{
    /// <summary>The longest answer, in tokens; null for what is usual for the model.</summary>
    public int? AnswerTokens { get; init; }

    /// <summary>Whether it is asked at <c>service_tier: flex</c>.</summary>
    public bool Flex { get; init; }

    /// <summary>Parts of the user's message that are the same in all questions of a batch, and come before all others.</summary>
    public IReadOnlyList<string> FixedParts { get; init; } = [];
}
