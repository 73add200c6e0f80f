using MultiModal.Pipeline.Batches;

namespace MultiModal.Web.Batches;

/// <summary>Where a batch stands, in one word: what it is doing, or else how its latest run ended.</summary>
public enum BatchStatus
{
    /// <summary>Made, and nothing was dropped into it yet.</summary>
    New,

    /// <summary>Something was dropped; it runs a quiet period after the last drop.</summary>
    Quiet,

    /// <summary>Waits for a start: its options say <c>"start": "manual"</c>.</summary>
    Held,

    Running,
    Succeeded,
    PartiallySucceeded,
    Failed,
    Cancelled,

    /// <summary>All of its files were deleted from the inbox. The reports of its runs stay.</summary>
    Empty,
}

internal static class BatchStatuses
{
    public static BatchStatus From(BatchPhase phase, RunStatus? last, bool isEmpty) => (phase, last) switch
    {
        (BatchPhase.Running, _) => BatchStatus.Running,
        (BatchPhase.Quiet, _) => BatchStatus.Quiet,
        (BatchPhase.Held, _) => BatchStatus.Held,
        (_, not null) when isEmpty => BatchStatus.Empty,
        (_, RunStatus.Succeeded) => BatchStatus.Succeeded,
        (_, RunStatus.PartiallySucceeded) => BatchStatus.PartiallySucceeded,
        (_, RunStatus.Failed) => BatchStatus.Failed,
        (_, RunStatus.Cancelled) => BatchStatus.Cancelled,
        _ => BatchStatus.New,
    };
}
