using System.Text.Json;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>Something to ask a chat model that must answer in a shape.</summary>
/// <param name="Name">Of the schema: a-z and underscores.</param>
/// <param name="System">Who the model is, and that content is data.</param>
/// <param name="Schema">JSON schema in the subset that strict structured outputs take: every member required, no others allowed.</param>
/// <param name="WriteParts">Writes the content parts of the user's message into an open array.</param>
/// <param name="Read">Turns the model's JSON into a value.</param>
internal sealed record StructuredQuestion<T>(
    string Name,
    string System,
    string Schema,
    Action<Utf8JsonWriter> WriteParts,
    Func<JsonElement, Reading<T>> Read) where T : notnull;
