namespace MultiModal.Pipeline.Runs;

/// <summary>
/// What a step of a run did, as it lies in <c>state/{batch}/{runSeq}/…</c>: the report is made of these, live progress is read
/// from them, and a resumed run takes them for done.
/// </summary>
public sealed record StepRecord : StepWork
{
    public StepRecord()
    {
    }

    internal StepRecord(StepWork work) : base(work)
    {
    }

    public required string Step { get; init; }

    public required int Part { get; init; }

    public required StepStatus Status { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Milliseconds, waiting for a shared flight and for an engine slot included.</summary>
    public required long DurationMs { get; init; }

    public StepResult ToResult() => new(Status, Failure?.Code, Parts);
}

/// <summary>One step done of a run under way.</summary>
/// <param name="Index">Of the item in the inventory.</param>
/// <param name="Part">Which part of the item.</param>
/// <param name="Step">Name of the step.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Code">Of the failure, null for success.</param>
/// <param name="Parts">How many parts the next step has to do.</param>
public sealed record StepProgress(int Index, int Part, string Step, StepStatus Status, string? Code, int Parts);

/// <summary>That a step of a batch made or used an entry of the cache.</summary>
/// <param name="BatchKey">The batch, by its <see cref="Batches.BatchName.Key"/>.</param>
/// <param name="CacheName">Where the entry lies in the cache container.</param>
public sealed record CacheUse(string BatchKey, string CacheName);
