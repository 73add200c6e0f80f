namespace AzureOpenAISimulator.Faults;

/// <summary>What goes wrong with a call. "Paid" means that the bill has a line for it.</summary>
public enum FaultKind
{
    /// <summary>Nothing but <see cref="Fault.DelayMs"/>: the call succeeds, later. Paid.</summary>
    Delay,

    /// <summary>429, with <c>Retry-After</c> and <c>retry-after-ms</c> where the fault gives them. Not paid.</summary>
    TooManyRequests,

    /// <summary>429 "Resource Unavailable", as flex answers without capacity; with <c>Retry-After</c> where the fault gives it. Not paid.</summary>
    ResourceUnavailable,

    /// <summary>
    /// <see cref="Fault.Status"/> (500 unless given; 404 says that there is no such deployment, 408 that it took too long). Not paid.
    /// </summary>
    ServerError,

    /// <summary>
    /// The connection is reset once the request was read and <see cref="Fault.DelayMs"/> have passed: a long delay is a deployment that hangs.
    /// Not paid.
    /// </summary>
    ResetBeforeAnswer,

    /// <summary>The model answers, and the connection is reset before a byte of it is sent. Paid, not delivered.</summary>
    AnswerLost,

    /// <summary>Half of the answer, then a reset. Paid, not delivered.</summary>
    ResetDuringAnswer,

    /// <summary>The whole answer, then the connection is closed unannounced under whoever meant to use it again. Paid, delivered.</summary>
    ClosedAfterAnswer,

    /// <summary>The answer in <see cref="Fault.ChunkBytes"/> pieces, <see cref="Fault.IntervalMs"/> apart. Paid.</summary>
    SlowDrip,

    /// <summary>A complete HTTP answer whose JSON ends in the middle. Paid.</summary>
    TruncatedBody,

    /// <summary>A valid answer whose content was cut, <c>finish_reason: length</c>. Chat only. Paid.</summary>
    TruncatedOutput,

    /// <summary>
    /// Content that is JSON but breaks the schema that was sent; of a transcription, an answer without <c>text</c>; of a picture, one without
    /// <c>data</c>. Paid.
    /// </summary>
    SchemaViolation,

    /// <summary>Content that is prose where JSON was asked for. Chat only. Paid.</summary>
    NotJson,

    /// <summary>Azure's 400 <c>content_filter</c>; of a picture, 400 <c>moderation_blocked</c>. Not paid.</summary>
    PromptFiltered,

    /// <summary><c>finish_reason: content_filter</c>, no content. Chat only. Paid.</summary>
    CompletionFiltered,

    /// <summary>The model declines in <c>refusal</c>. Chat only. Paid.</summary>
    Refusal,

    /// <summary>200 with an HTML page, as a proxy in between sends it. Paid.</summary>
    WrongContentType,

    /// <summary>
    /// The call is worked on as <see cref="Fault.Tier"/>, whatever it asks for; the answer says so, and the bill is by that tier. Chat only. Paid.
    /// </summary>
    OtherTier,

    /// <summary>An answer without <c>usage</c>, as some compatible servers send it. Paid.</summary>
    NoUsage,
}
