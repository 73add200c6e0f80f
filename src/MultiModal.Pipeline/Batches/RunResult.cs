namespace MultiModal.Pipeline.Batches;

/// <summary>The result of a run.</summary>
/// <param name="RunSeq">Number of the run.</param>
/// <param name="Status">Status in its report.</param>
/// <param name="InventoryDigest">Digest of the inventory that it saw.</param>
/// <param name="Superseded">True if the batch changed before the run ended: there is no synthesis, and the next run makes it.</param>
public sealed record RunResult(int RunSeq, RunStatus Status, string InventoryDigest, bool Superseded = false);

/// <summary>The final status of a run in its report. Unsupported and ignored files alone do not make a run partial.</summary>
public enum RunStatus
{
    Succeeded,
    PartiallySucceeded,
    Failed,
    Cancelled,
}
