namespace MultiModal.Pipeline.Batches;

/// <summary>What is known of a batch between events. Changed by <see cref="BatchMachine"/> alone.</summary>
public sealed record BatchState
{
    public required BatchName Batch { get; init; }

    public BatchPhase Phase { get; init; }

    /// <summary>Number of the latest run, 0 before the first.</summary>
    public int RunSeq { get; init; }

    /// <summary>Scope of the latest run, or of the next one while it waits.</summary>
    public RunScope Scope { get; init; }

    /// <summary>End of the quiet window, while <see cref="BatchPhase.Quiet"/>.</summary>
    public DateTimeOffset? QuietUntil { get; init; }

    /// <summary>When the quiet window was opened by its first drop; null where no drop opened it.</summary>
    public DateTimeOffset? QuietSince { get; init; }

    /// <summary>True while a wake-up is on its way. It can't be withdrawn, so that another one is asked for only if that one would come too late.</summary>
    public bool WakeArmed { get; init; }

    /// <summary>When that wake-up is due; null where there is none, or an older build asked for it.</summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>Something was dropped during the run.</summary>
    public bool Dirty { get; init; }

    /// <summary>Somebody asked for another run during the run.</summary>
    public bool StartAgain { get; init; }

    /// <summary>When the latest run was started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How the latest finished run ended; null where it ended without a report.</summary>
    public RunStatus? LastStatus { get; init; }

    /// <summary>Digest of the inventory that the latest finished run saw: what a sweep compares with.</summary>
    public string? LastDigest { get; init; }

    /// <summary>How many runs in a row have ended without a report. The pause before the next one grows with it.</summary>
    public int BrokenRuns { get; init; }

    /// <summary>True where the inbox was last seen without any file of the batch. Its reports stay.</summary>
    public bool IsEmpty { get; init; }
}

/// <summary>Where a batch is in its life.</summary>
public enum BatchPhase
{
    /// <summary>Nothing to do: all that was dropped is in the latest report.</summary>
    Resting,

    /// <summary>Something was dropped; more may follow. Ends a quiet period after the last drop.</summary>
    Quiet,

    /// <summary>Quiet is over, and <c>"start": "manual"</c> waits for somebody to start it.</summary>
    Held,

    /// <summary>A run is under way.</summary>
    Running,
}
