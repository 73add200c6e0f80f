namespace MultiModal.Pipeline.Batches;

/// <summary>A batch as a list of batches shows it.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Phase">Phase of the batch.</param>
/// <param name="RunSeq">Number of the latest run; 0 before the first.</param>
/// <param name="LastStatus">Status of the latest finished run; null where none ended with a report.</param>
/// <param name="FinishedAt">Time when that run ended.</param>
/// <param name="LastDigest">Digest of the inventory that it saw.</param>
/// <param name="IsEmpty">True if the inbox was last seen without any file of the batch.</param>
/// <param name="HeldFor">What a held batch waits for; null where an older build held it.</param>
public sealed record BatchCard(
    BatchName Batch, BatchPhase Phase, int RunSeq, RunStatus? LastStatus, DateTimeOffset? FinishedAt, string? LastDigest, bool IsEmpty = false,
    HoldReason? HeldFor = null);
