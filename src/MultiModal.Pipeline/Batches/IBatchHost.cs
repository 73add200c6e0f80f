namespace MultiModal.Pipeline.Batches;

/// <summary>
/// The operations that the HTTP API and the command line use of their host. It has two implementations: the LocalHost, and a durable
/// entity for each batch. All operations are idempotent and return once the request is stored, before it is carried out.
/// </summary>
public interface IBatchHost
{
    /// <summary>Name of the host in the owner lease, <c>local</c> or <c>functions</c>.</summary>
    string Kind { get; }

    /// <summary>Reports that a blob of the batch was written, so that the batch is looked at after a quiet period.</summary>
    Task SignalDroppedAsync(BatchName batch, CancellationToken cancellationToken);

    /// <summary>Runs the batch now, or once more after the run under way.</summary>
    Task SignalStartAsync(BatchName batch, RunScope scope, CancellationToken cancellationToken);

    /// <summary>The batch's state as last stored; null for a batch that never received a file.</summary>
    Task<BatchState?> ReadStateAsync(BatchName batch, CancellationToken cancellationToken);

    /// <summary>Deletes the batch's state. The batch must not be running.</summary>
    Task ForgetAsync(BatchName batch, CancellationToken cancellationToken);
}
