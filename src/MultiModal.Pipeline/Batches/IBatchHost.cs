namespace MultiModal.Pipeline.Batches;

/// <summary>
/// What the HTTP API and the command line ask of the host they run in. Two implementations: the LocalHost, and a durable
/// entity for each batch. All of it is idempotent and returns once the request is stored, not once it is carried out.
/// </summary>
public interface IBatchHost
{
    /// <summary><c>local</c> or <c>functions</c>: what the owner lease says.</summary>
    string Kind { get; }

    /// <summary>Something of the batch was written: look at it, after a quiet period.</summary>
    Task SignalDroppedAsync(BatchName batch, CancellationToken cancellationToken);

    /// <summary>Runs the batch now, or once more after the run under way.</summary>
    Task SignalStartAsync(BatchName batch, RunScope scope, CancellationToken cancellationToken);

    /// <summary>The batch's state as last stored; null for one that nothing was ever dropped into.</summary>
    Task<BatchState?> ReadStateAsync(BatchName batch, CancellationToken cancellationToken);

    /// <summary>Forgets the batch's state. Only for a batch that is not running.</summary>
    Task ForgetAsync(BatchName batch, CancellationToken cancellationToken);
}
