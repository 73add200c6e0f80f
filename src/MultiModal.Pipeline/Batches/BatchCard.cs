namespace MultiModal.Pipeline.Batches;

/// <summary>A batch as a list shows it.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Phase">Where it is in its life.</param>
/// <param name="RunSeq">Number of the latest run, 0 before the first.</param>
/// <param name="LastStatus">How the latest finished run ended; null where none did with a report.</param>
/// <param name="FinishedAt">When that was.</param>
/// <param name="LastDigest">Digest of the inventory it saw.</param>
/// <param name="IsEmpty">Whether the inbox was last seen without any file of the batch.</param>
public sealed record BatchCard(BatchName Batch, BatchPhase Phase, int RunSeq, RunStatus? LastStatus, DateTimeOffset? FinishedAt, string? LastDigest, bool IsEmpty = false);
