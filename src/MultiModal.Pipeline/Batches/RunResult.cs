namespace MultiModal.Pipeline.Batches;

/// <summary>How a run ended.</summary>
/// <param name="RunSeq">Which run.</param>
/// <param name="Status">As its report says.</param>
/// <param name="InventoryDigest">What it saw.</param>
/// <param name="Superseded">True where the batch had changed before the run ended: there is no synthesis, the next run makes it.</param>
public sealed record RunResult(int RunSeq, RunStatus Status, string InventoryDigest, bool Superseded = false);

/// <summary>How a run ended, as its report says. Unsupported and ignored files alone don't make a run partial.</summary>
public enum RunStatus
{
    Succeeded,
    PartiallySucceeded,
    Failed,
    Cancelled,
}
