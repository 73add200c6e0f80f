using MultiModal.Pipeline.Batches;

namespace MultiModal.Web.Batches;

/// <summary>Status of a batch in one word: its current activity, or otherwise the outcome of its latest run.</summary>
public enum BatchStatus
{
    /// <summary>The batch was created, and no file has been dropped into it yet.</summary>
    New,

    /// <summary>Files were dropped; the batch runs a quiet period after the last drop.</summary>
    Quiet,

    /// <summary>The batch waits for a start, or for the end of an upload; <c>hold</c> says which.</summary>
    Held,

    Running,
    Succeeded,
    PartiallySucceeded,
    Failed,
    Cancelled,

    /// <summary>All files of the batch were deleted from the inbox. The reports of its runs remain.</summary>
    Empty,
}

/// <summary>Status of a batch from its stored state.</summary>
public static class BatchStatuses
{
    public static BatchStatus From(BatchPhase phase, RunStatus? last, bool isEmpty) => (phase, last) switch
    {
        (BatchPhase.Running, _) => BatchStatus.Running,
        (BatchPhase.Quiet, _) => BatchStatus.Quiet,
        (BatchPhase.Held, _) when !isEmpty => BatchStatus.Held,
        (BatchPhase.Held, _) or (_, not null) when isEmpty => BatchStatus.Empty,
        (_, RunStatus.Succeeded) => BatchStatus.Succeeded,
        (_, RunStatus.PartiallySucceeded) => BatchStatus.PartiallySucceeded,
        (_, RunStatus.Failed) => BatchStatus.Failed,
        (_, RunStatus.Cancelled) => BatchStatus.Cancelled,
        _ => BatchStatus.New,
    };
}
