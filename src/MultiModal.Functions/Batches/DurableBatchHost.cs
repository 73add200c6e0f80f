using MultiModal.Functions.Hosting;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Functions.Batches;

/// <summary>Hosts each batch as a durable entity. When a call returns, its signal is stored in the task hub.</summary>
public sealed class DurableBatchHost(DurableClients clients, BatchStore store) : IBatchHost
{
    public string Kind => "functions";

    public Task SignalDroppedAsync(BatchName batch, CancellationToken cancellationToken) =>
        SignalAsync(batch, nameof(BatchEntity.Dropped), batch, cancellationToken);

    public Task SignalStartAsync(BatchName batch, RunScope scope, CancellationToken cancellationToken) =>
        SignalAsync(batch, nameof(BatchEntity.StartRequested), new StartWish(batch, scope), cancellationToken);

    /// <summary>Signals that a sweep listed the batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="digest">Digest of the batch's files; null if there are none.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task SignalSweptAsync(BatchName batch, string? digest, CancellationToken cancellationToken) =>
        SignalAsync(batch, nameof(BatchEntity.Swept), new SweptBatch(batch, digest), cancellationToken);

    /// <summary>Signals that a run that was under way no longer exists.</summary>
    public Task SignalLostAsync(BatchName batch, int runSeq, CancellationToken cancellationToken) =>
        SignalAsync(batch, nameof(BatchEntity.Finished), new RunEnd(batch, runSeq, Result: null), cancellationToken);

    /// <summary>Reads the state that the entity last projected, which may be a moment behind the entity.</summary>
    public async Task<BatchState?> ReadStateAsync(BatchName batch, CancellationToken cancellationToken) =>
        (await store.ReadAsync(batch, cancellationToken))?.Value;

    public Task ForgetAsync(BatchName batch, CancellationToken cancellationToken) =>
        SignalAsync(batch, nameof(BatchEntity.Forget), batch, cancellationToken);

    private Task SignalAsync(BatchName batch, string operation, object input, CancellationToken cancellationToken) =>
        clients.Current.Entities.SignalEntityAsync(BatchSignals.EntityOf(batch), operation, input, options: null, cancellationToken);
}
