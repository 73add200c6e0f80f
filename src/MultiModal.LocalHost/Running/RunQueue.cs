using System.Threading.Channels;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.LocalHost.Running;

/// <summary>
/// Runs that wait their turn, first come first served: a batch that runs again waits behind all that came before. A run is
/// in it once, from when it was added until it is removed.
/// </summary>
internal sealed class RunQueue
{
    private readonly Channel<RunReference> waiting = Channel.CreateUnbounded<RunReference>();
    private readonly HashSet<(BatchName Batch, int RunSeq)> present = [];

    public void Add(RunReference run)
    {
        lock (present)
        {
            if (!present.Add((run.Batch, run.RunSeq))) return;
        }

        // Once the queue is closed, the run stays in its batch's state and is resumed at the next start.
        waiting.Writer.TryWrite(run);
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
    public IAsyncEnumerable<RunReference> Take(CancellationToken cancellationToken) => waiting.Reader.ReadAllAsync(cancellationToken);
}
