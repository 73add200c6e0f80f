using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;

namespace MultiModal.Web.Batches;

/// <summary>Finds and lists batches.</summary>
public sealed class BatchDirectory(IBatchHost host, BatchStore store, InboxListing inbox)
{
    /// <summary>Finds the state of a batch. A batch whose files are there but that the host has not seen yet counts as quiet.</summary>
    /// <returns>The state; null if there is no such batch.</returns>
    public async Task<BatchState?> FindAsync(BatchName batch, CancellationToken cancellationToken) =>
        await host.ReadStateAsync(batch, cancellationToken)
        ?? (await store.ReadAsync(batch, cancellationToken))?.Value
        ?? (await inbox.HasBatchAsync(batch, cancellationToken) ? new BatchState { Batch = batch, Phase = BatchPhase.Quiet } : null);
}
