using MultiModal.Functions.Hosting;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Functions.Batches;

/// <summary>A durable entity for each batch. A signal is stored in the task hub when a call returns.</summary>
public sealed class DurableBatchHost(DurableClients clients, BatchStore store) : IBatchHost
{
    public string Kind => "functions";

    public Task SignalDroppedAsync(BatchName batch, CancellationToken cancellationToken) =>
        SignalAsync(batch, nameof(BatchEntity.Dropped), batch, cancellationToken);

    public Task SignalStartAsync(BatchName batch, RunScope scope, CancellationToken cancellationToken) =>
        SignalAsync(batch, nameof(BatchEntity.StartRequested), new StartWish(batch, scope), cancellationToken);

    /// <summary>A sweep listed the batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="digest">Of its files; null where there are none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task SignalSweptAsync(BatchName batch, string? digest, CancellationToken cancellationToken) =>
        SignalAsync(batch, nameof(BatchEntity.Swept), new SweptBatch(batch, digest), cancellationToken);

    /// <summary>A run that was under way is no more.</summary>
    public Task SignalLostAsync(BatchName batch, int runSeq, CancellationToken cancellationToken) =>
        SignalAsync(batch, nameof(BatchEntity.Finished), new RunEnd(batch, runSeq, Result: null), cancellationToken);

    /// <summary>What the entity last projected: a moment behind the entity itself at most.</summary>
    public async Task<BatchState?> ReadStateAsync(BatchName batch, CancellationToken cancellationToken) =>
        (await store.ReadAsync(batch, cancellationToken))?.Value;

    public Task ForgetAsync(BatchName batch, CancellationToken cancellationToken) =>
        SignalAsync(batch, nameof(BatchEntity.Forget), batch, cancellationToken);

    private Task SignalAsync(BatchName batch, string operation, object input, CancellationToken cancellationToken) =>
        clients.Current.Entities.SignalEntityAsync(BatchSignals.EntityOf(batch), operation, input, options: null, cancellationToken);
}
