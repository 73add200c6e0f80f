using MultiModal.Pipeline.Batches;

namespace MultiModal.Web.Batches;

/// <summary>A batch as a list shows it.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="RunSeq">Number of the latest run, 0 before the first.</param>
/// <param name="LastStatus">How the latest finished run ended; null before.</param>
/// <param name="FinishedAt">When that was.</param>
/// <param name="Links">Where to go on.</param>
public sealed record BatchSummary(BatchName Batch, BatchStatus Status, int RunSeq, RunStatus? LastStatus, DateTimeOffset? FinishedAt, BatchLinks Links)
{
    internal static BatchSummary FromCard(BatchCard card) =>
        new(card.Batch, BatchStatuses.From(card.Phase, card.LastStatus, card.IsEmpty), card.RunSeq, card.LastStatus, card.FinishedAt, BatchLinks.For(card.Batch));
}

/// <summary>A page of the list of batches, in ordinal order of their names.</summary>
/// <param name="Batches">At most as many as asked for.</param>
/// <param name="Next">Address of the next page; null on the last one.</param>
public sealed record BatchPage(IReadOnlyList<BatchSummary> Batches, string? Next);
