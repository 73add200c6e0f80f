using System.Collections.Concurrent;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Web.Tests;

/// <summary>A host that runs nothing: it remembers what it was asked for, and says of batches what a test told it.</summary>
public sealed class RecordingHost : IBatchHost
{
    public string Kind => "local";

    public ConcurrentDictionary<BatchName, BatchState> States { get; } = new();

    public ConcurrentQueue<BatchName> Drops { get; } = new();

    public ConcurrentQueue<(BatchName Batch, RunScope Scope)> Starts { get; } = new();

    public Task SignalDroppedAsync(BatchName batch, CancellationToken cancellationToken)
    {
        Drops.Enqueue(batch);
        return Task.CompletedTask;
    }

    public Task SignalStartAsync(BatchName batch, RunScope scope, CancellationToken cancellationToken)
    {
        Starts.Enqueue((batch, scope));
        return Task.CompletedTask;
    }

    public Task<BatchState?> ReadStateAsync(BatchName batch, CancellationToken cancellationToken) => Task.FromResult(States.GetValueOrDefault(batch));

    public Task ForgetAsync(BatchName batch, CancellationToken cancellationToken)
    {
        States.TryRemove(batch, out _);
        return Task.CompletedTask;
    }
}
