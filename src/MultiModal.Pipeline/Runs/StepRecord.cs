namespace MultiModal.Pipeline.Runs;

/// <summary>
/// The record of a run's step, stored in <c>state/{batch}/{runSeq}/…</c>. The report is made of these records, live progress is read from
/// them, and a resumed run does not repeat the steps that have one.
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

    /// <summary>Duration in milliseconds, including the wait for a shared flight and for an engine slot.</summary>
    public required long DurationMs { get; init; }

    /// <summary>How much of <see cref="DurationMs"/> the step waited in line for a core, in milliseconds. Records of version 1.0 have none.</summary>
    public long WaitedMs { get; init; }

    public StepResult ToResult() => new(Status, Failure?.Code, Parts);
}

/// <summary>One completed step of a run under way.</summary>
/// <param name="Index">Index of the item in the inventory.</param>
/// <param name="Part">Part of the item.</param>
/// <param name="Step">Name of the step.</param>
/// <param name="Status">Status of the step.</param>
/// <param name="Code">Code of the failure; null for success.</param>
/// <param name="Parts">Number of parts that the next step must process.</param>
public sealed record StepProgress(int Index, int Part, string Step, StepStatus Status, string? Code, int Parts);

/// <summary>A note that a step of a batch made or used an entry of the cache.</summary>
/// <param name="BatchKey">Key of the batch (<see cref="Batches.BatchName.Key"/>).</param>
/// <param name="CacheName">Name of the entry in the cache container.</param>
public sealed record CacheUse(string BatchKey, string CacheName);
