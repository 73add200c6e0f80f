namespace MultiModal.Pipeline.Ai.Providers;

/// <summary>How a chat model is told which JSON to answer, strictest first.</summary>
public enum AnswerFormat
{
    /// <summary><c>response_format</c> with the schema, which the server enforces.</summary>
    JsonSchema,

    /// <summary><c>response_format: json_object</c>; the schema is in the prompt.</summary>
    JsonObject,

    /// <summary>No <c>response_format</c>; the schema is in the prompt.</summary>
    Text,
}
