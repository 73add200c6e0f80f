namespace MultiModal.Pipeline.Workflow;

/// <summary>How a run ended.</summary>
/// <param name="RunSeq">Which run.</param>
/// <param name="Status">As its report says.</param>
/// <param name="InventoryDigest">What it saw.</param>
/// <param name="Superseded">True where the batch had changed before the run ended: there is no synthesis, the next run makes it.</param>
public sealed record RunResult(int RunSeq, RunStatus Status, string InventoryDigest, bool Superseded = false);
