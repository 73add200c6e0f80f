using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;

namespace MultiModal.Web.Batches;

/// <summary>Which batches there are.</summary>
public sealed class BatchDirectory(IBatchHost host, BatchStore store, InboxListing inbox)
{
    /// <summary>The batch's state. One whose files are there but that the host has not seen yet is about to be quiet.</summary>
    /// <returns>Null where there is no such batch.</returns>
    public async Task<BatchState?> FindAsync(BatchName batch, CancellationToken cancellationToken) =>
        await host.ReadStateAsync(batch, cancellationToken)
        ?? (await store.ReadAsync(batch, cancellationToken))?.Value
        ?? (await inbox.HasBatchAsync(batch, cancellationToken) ? new BatchState { Batch = batch, Phase = BatchPhase.Quiet } : null);
}
