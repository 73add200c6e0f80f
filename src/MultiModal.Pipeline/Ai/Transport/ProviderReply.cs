namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>The result of one attempt.</summary>
/// <param name="Outcome">The answer or the failure.</param>
/// <param name="Usage">Usage that the provider reports for this attempt, even if its answer could not be used.</param>
/// <param name="Status">HTTP status; null where there was no answer.</param>
/// <param name="Transient">True if the same request may succeed when sent again.</param>
/// <param name="RetryAfter">Time that the provider asked us to wait.</param>
/// <param name="Remedy">Change to the request that could help.</param>
/// <param name="BadAnswer">The model's answer that could not be used, for <see cref="ReplyRemedy.Repair"/>.</param>
internal sealed record ProviderReply<T>(
    Outcome<T> Outcome,
    Usage Usage,
    int? Status,
    bool Transient = false,
    TimeSpan? RetryAfter = null,
    ReplyRemedy Remedy = ReplyRemedy.None,
    string? BadAnswer = null) : IProviderReply where T : notnull
{
    /// <inheritdoc/>
    public EngineStanding Standing { get; init; }

    Failure? IProviderReply.Failure => Outcome.Failure;

    /// <summary>True if it was sent and no usage came back: a 2xx answer without any, or no answer after a connection was made.</summary>
    public bool MayBeBilled => Usage == Usage.None && (Status is >= 200 and < 300 || (Status is null && Sent));

    /// <summary>False where the request cannot have reached the provider.</summary>
    public bool Sent { get; init; } = true;

    /// <summary>True where the attempt took all the time that it may take.</summary>
    public bool TookAllTime { get; init; }

    /// <summary>True where the request asked for flex, and there was no capacity for it.</summary>
    public bool LacksCapacity { get; init; }

    /// <summary>True where nothing was sent, because another model stands in for this one.</summary>
    public bool IsSetAside { get; init; }
}

/// <summary>What a reply says about the model that gave it, whatever was asked.</summary>
internal interface IProviderReply
{
    /// <summary>How the model stands.</summary>
    EngineStanding Standing { get; }

    /// <summary>Null for an answer that can be used.</summary>
    Failure? Failure { get; }
}

internal enum ReplyRemedy
{
    None,

    /// <summary>The server does not know this answer format: the next request asks in the next looser one.</summary>
    LooserFormat,

    /// <summary>The server does not know what is said about its cache of prompts: the next request says nothing.</summary>
    SilenceOnCaching,

    /// <summary>The server does not offer the service tier that was asked for: the next request names none.</summary>
    StandardTier,

    /// <summary>The answer ended at its maximum length, and nothing of it can be kept: the next request allows the model's longest.</summary>
    MoreRoom,

    /// <summary>The answer does not have the requested shape: the next request tells the model so, once.</summary>
    Repair,

    /// <summary>The address has no such deployment: the next request goes to the other address where Azure answers for deployments.</summary>
    OtherPath,
}
