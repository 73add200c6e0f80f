namespace MultiModal.Pipeline.Batches;

/// <summary>The stored state of a batch between events. Only <see cref="BatchMachine"/> changes it.</summary>
public sealed record BatchState
{
    public required BatchName Batch { get; init; }

    public BatchPhase Phase { get; init; }

    /// <summary>What the batch waits for, during <see cref="BatchPhase.Held"/>; null where an older build held it, for a start.</summary>
    public HoldReason? HeldFor { get; init; }

    /// <summary>Number of the latest run; 0 before the first.</summary>
    public int RunSeq { get; init; }

    /// <summary>
    /// When the first run of this batch was started: tells it from an earlier batch of the same name that was deleted. Null before
    /// that, and while the latest run was started by an older build.
    /// </summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Scope of the latest run, or of the next one while it waits.</summary>
    public RunScope Scope { get; init; }

    /// <summary>End of the quiet window, during <see cref="BatchPhase.Quiet"/>.</summary>
    public DateTimeOffset? QuietUntil { get; init; }

    /// <summary>Time of the drop that opened the quiet window; null where no drop opened it.</summary>
    public DateTimeOffset? QuietSince { get; init; }

    /// <summary>
    /// True while a wake-up is pending. It cannot be withdrawn, so that another one is requested only if that one would come too late.
    /// </summary>
    public bool WakeArmed { get; init; }

    /// <summary>Time when that wake-up is due; null where there is none, or an older build requested it.</summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>True if a file was dropped during the run.</summary>
    public bool Dirty { get; init; }

    /// <summary>True if a user asked for another run during the run.</summary>
    public bool StartAgain { get; init; }

    /// <summary>Time when the latest run was started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Status of the latest finished run; null where it ended without a report.</summary>
    public RunStatus? LastStatus { get; init; }

    /// <summary>Digest of the inventory that the latest finished run saw, which a sweep compares with.</summary>
    public string? LastDigest { get; init; }

    /// <summary>Number of consecutive runs that ended without a report. The pause before the next one grows with it.</summary>
    public int BrokenRuns { get; init; }

    /// <summary>True if the inbox was last seen without any file of the batch. Its reports stay.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>Returns the latest run.</summary>
    public RunReference LatestRun() => new(Batch, RunSeq, Scope, Since, IsRetry: BrokenRuns > 0);
}

/// <summary>The phase of a batch.</summary>
public enum BatchPhase
{
    /// <summary>The batch has nothing to do: all that was dropped is in the latest report.</summary>
    Resting,

    /// <summary>A file was dropped, and more may follow. The phase ends a quiet period after the last drop.</summary>
    Quiet,

    /// <summary>The quiet period is over, and the batch waits for what <see cref="BatchState.HeldFor"/> says.</summary>
    Held,

    /// <summary>A run is under way.</summary>
    Running,
}
