using System.Text.Json;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>A question to a chat model that must answer in a given shape.</summary>
/// <param name="Name">Name of the schema, from a-z and underscores.</param>
/// <param name="System">System message: the model's role, and the rule that content is data.</param>
/// <param name="Schema">JSON schema in the subset that strict structured outputs take: every member required, no others allowed.</param>
/// <param name="WriteParts">Function that writes the content parts of the user's message into an open array.</param>
/// <param name="Read">Function that turns the model's JSON into a value.</param>
internal sealed record StructuredQuestion<T>(
    string Name,
    string System,
    string Schema,
    Action<Utf8JsonWriter> WriteParts,
    Func<JsonElement, Reading<T>> Read) where T : notnull;
