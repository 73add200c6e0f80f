using MultiModal.Pipeline.Batches;

namespace MultiModal.Web.Batches;

/// <summary>A batch as shown in a list.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Status">Status of the batch.</param>
/// <param name="RunSeq">Number of the latest run; 0 before the first.</param>
/// <param name="LastStatus">Status of the latest finished run; null before the first has finished.</param>
/// <param name="FinishedAt">Time when that run finished.</param>
/// <param name="Links">URLs of the batch and its report.</param>
/// <param name="Hold">Why the batch is held; null unless it is.</param>
public sealed record BatchSummary(
    BatchName Batch, BatchStatus Status, int RunSeq, RunStatus? LastStatus, DateTimeOffset? FinishedAt, BatchLinks Links, BatchHold? Hold = null)
{
    public static BatchSummary FromCard(BatchCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        return new(card.Batch, BatchStatuses.From(card.Phase, card.LastStatus, card.IsEmpty), card.RunSeq, card.LastStatus, card.FinishedAt,
            BatchLinks.For(card.Batch), BatchHold.Of(card.Phase, card.HeldFor, card.IsEmpty));
    }
}

/// <summary>A page of the list of batches, in ordinal order of their names.</summary>
/// <param name="Batches">The batches of the page, at most as many as requested.</param>
/// <param name="Next">URL of the next page; null on the last one.</param>
public sealed record BatchPage(IReadOnlyList<BatchSummary> Batches, string? Next);
