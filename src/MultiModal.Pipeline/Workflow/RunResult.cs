namespace MultiModal.Pipeline.Workflow;

/// <summary>How a run ended.</summary>
public sealed record RunResult(int RunSeq, RunStatus Status, string InventoryDigest);
