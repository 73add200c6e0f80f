using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Ai;

/// <summary>An engine's final result for a request: the answer or the failure, and what it used.</summary>
/// <param name="Outcome">The answer, or the failure after the engine's own retries.</param>
/// <param name="Usage">Sum over all attempts that reported usage.</param>
/// <param name="Attempts">The attempts in order; empty only where the engine refused before sending anything.</param>
public sealed record EngineAnswer<T>(Outcome<T> Outcome, Usage Usage, IReadOnlyList<EngineAttempt> Attempts) where T : notnull
{
    /// <summary>A failure before any request was sent.</summary>
    public EngineAnswer(Failure refusal) : this(refusal, Usage.None, [])
    {
    }

    /// <summary>How the engine stands after its last attempt.</summary>
    internal EngineStanding Standing { get; init; }

    /// <summary>True if the fallback of the capability gave this answer.</summary>
    internal bool IsOfFallback { get; init; }

    /// <summary>What the other engine of the capability used and answered, if both were asked; null if this one was asked alone.</summary>
    internal EngineAnswer<T>? Other { get; init; }
}

/// <summary>Whether it makes sense to ask an engine again.</summary>
internal enum EngineStanding
{
    /// <summary>It answers, and be it that it refuses this request.</summary>
    Answers,

    /// <summary>It asks for fewer requests.</summary>
    Busy,

    /// <summary>It fails whatever it is asked, or cannot be reached.</summary>
    Down,
}

/// <summary>One request to an engine (or one run of an offline program).</summary>
/// <param name="StartedAt">Time when it was sent.</param>
/// <param name="DurationMs">Time until the answer was complete or the attempt was given up, in milliseconds.</param>
/// <param name="Status">HTTP status, exit code of a program, or null where there was no answer at all.</param>
/// <param name="Code">Null for success; otherwise one of <see cref="FailureCodes"/>.</param>
/// <param name="Usage">Usage as the provider reports it for this attempt; null where it reported none.</param>
/// <param name="MayBeBilled">True if the request was sent and no usage came back, because the answer was lost or did not contain any. Its price is
/// not known.</param>
/// <param name="Engine">Name of the engine that was asked, where it is not the one that the step names.</param>
public sealed record EngineAttempt(
    DateTimeOffset StartedAt,
    long DurationMs,
    int? Status,
    string? Code,
    Usage? Usage = null,
    bool MayBeBilled = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Engine = null);
