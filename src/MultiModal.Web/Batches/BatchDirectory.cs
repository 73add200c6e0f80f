using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;

namespace MultiModal.Web.Batches;

/// <summary>Which batches there are.</summary>
public sealed class BatchDirectory(IBatchHost host, BatchStore store, InboxListing inbox)
{
    /// <summary>The batch's state. One whose files are there but that the host has not seen yet is about to be quiet.</summary>
    /// <returns>Null where there is no such batch.</returns>
    public async Task<BatchState?> Find(BatchName batch, CancellationToken cancellationToken) =>
        await host.ReadState(batch, cancellationToken)
        ?? (await store.Read(batch, cancellationToken))?.Value
        ?? (await inbox.HasBatch(batch, cancellationToken) ? new BatchState { Batch = batch, Phase = BatchPhase.Quiet } : null);
}
