using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MultiModal.Pipeline.Batches;

namespace MultiModal.LocalHost.Running;

/// <summary>
/// Runs that wait for their turn, in the order of arrival: a batch that runs again waits behind all earlier runs. A run is in the queue
/// only once, from its addition until its removal.
/// </summary>
internal sealed class RunQueue
{
    private readonly Channel<RunReference> waiting = Channel.CreateUnbounded<RunReference>();
    private readonly HashSet<(BatchName Batch, int RunSeq)> present = [];
    private readonly HashSet<BatchName> unlooked = [];

    /// <param name="run">The run. Nothing happens if it is in the queue already.</param>
    /// <param name="hasLooked">Whether its inventory was taken before it was added.</param>
    public void Add(RunReference run, bool hasLooked)
    {
        lock (present)
        {
            if (!present.Add((run.Batch, run.RunSeq))) return;
            if (!hasLooked) unlooked.Add(run.Batch);
        }

        // Once the queue is closed, the run stays in its batch's state and is resumed at the next start.
        waiting.Writer.TryWrite(run);
    }

    /// <summary>
    /// Whether a run of the batch waits for its turn and will then take its inventory, so that it will see the inbox as it is now.
    /// </summary>
    public bool WillLook(BatchName batch)
    {
        lock (present) return unlooked.Contains(batch);
    }

    public bool IsEmpty
    {
        get
        {
            lock (present) return present.Count == 0;
        }
    }

    public bool Contains(BatchName batch, int runSeq)
    {
        lock (present) return present.Contains((batch, runSeq));
    }

    public void Remove(RunReference run)
    {
        lock (present) present.Remove((run.Batch, run.RunSeq));
    }

    /// <summary>Returns runs in their order, until the queue is cancelled.</summary>
    public async IAsyncEnumerable<RunReference> TakeAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var run in waiting.Reader.ReadAllAsync(cancellationToken))
        {
            lock (present) unlooked.Remove(run.Batch);
            yield return run;
        }
    }
}
