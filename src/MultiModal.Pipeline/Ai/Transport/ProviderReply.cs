namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>What came of one attempt.</summary>
/// <param name="Outcome">The answer, or what was wrong.</param>
/// <param name="Usage">What the provider says that this attempt used, also where its answer could not be used.</param>
/// <param name="Status">HTTP status; null where there was no answer.</param>
/// <param name="Transient">True if the same request may succeed when sent again.</param>
/// <param name="RetryAfter">How long the provider asked to be left alone.</param>
/// <param name="Remedy">What a different request could mend.</param>
/// <param name="BadAnswer">The model's words that could not be used, for <see cref="ReplyRemedy.Repair"/>.</param>
internal sealed record ProviderReply<T>(
    Outcome<T> Outcome,
    Usage Usage,
    int? Status,
    bool Transient = false,
    TimeSpan? RetryAfter = null,
    ReplyRemedy Remedy = ReplyRemedy.None,
    string? BadAnswer = null) where T : notnull
{
    /// <summary>Sent, and no usage came back: a 2xx answer without any, or no answer though there was a connection.</summary>
    public bool MayBeBilled => Usage == Usage.None && (Status is >= 200 and < 300 || (Status is null && Sent));

    /// <summary>False where the request cannot have reached the provider.</summary>
    public bool Sent { get; init; } = true;
}

internal enum ReplyRemedy
{
    None,

    /// <summary>The server does not know this answer format: ask in the next looser one.</summary>
    LooserFormat,

    /// <summary>The model answered something else than asked: tell it so, once.</summary>
    Repair,
}
