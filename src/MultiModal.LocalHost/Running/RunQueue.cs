using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MultiModal.Pipeline.Batches;

namespace MultiModal.LocalHost.Running;

/// <summary>
/// Runs that wait their turn, first come first served: a batch that runs again waits behind all that came before. A run is
/// in it once, from when it was added until it is removed.
/// </summary>
internal sealed class RunQueue
{
    private readonly Channel<RunReference> waiting = Channel.CreateUnbounded<RunReference>();
    private readonly HashSet<(BatchName Batch, int RunSeq)> present = [];
    private readonly HashSet<BatchName> unlooked = [];

    /// <param name="run">Nothing happens if it is in the queue.</param>
    /// <param name="hasLooked">Whether its inventory was taken before it came here.</param>
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

    /// <summary>Whether a run of the batch waits its turn and takes its inventory then: it will see whatever the inbox holds now.</summary>
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

    /// <summary>Runs in their turn, until the queue is cancelled.</summary>
    public async IAsyncEnumerable<RunReference> TakeAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var run in waiting.Reader.ReadAllAsync(cancellationToken))
        {
            lock (present) unlooked.Remove(run.Batch);
            yield return run;
        }
    }
}
