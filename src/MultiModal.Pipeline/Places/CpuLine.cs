namespace MultiModal.Pipeline.Places;

/// <summary>
/// The places for work that keeps a core busy, one for each core unless set otherwise, and the line before them: short work goes before long
/// work, and batches take turns. Who waits for a model or for storage takes no place.
/// </summary>
internal sealed class CpuLine
{
    private readonly FairLine line;
    private readonly TimeProvider time;

    /// <param name="places">Number of places, 1 or more.</param>
    /// <param name="limits">Number of places that a kind of work may take at a time, where that is fewer.</param>
    /// <param name="time">Clock by which waits are measured.</param>
    public CpuLine(int places, IReadOnlyDictionary<CpuWorkKind, int> limits, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(limits);
        this.time = time;
        var byName = limits.ToDictionary(limit => limit.Key.ToString(), limit => limit.Value);
        line = new FairLine(places, kind => byName.GetValueOrDefault(kind, places));
    }

    /// <summary>Number of works that have no place yet.</summary>
    public int Waiting => line.Waiting;

    /// <summary>Waits for a place for the work. Disposing the returned object releases it. Who has a place does not take another one.</summary>
    public async Task<IDisposable> TakeAsync(CpuWork work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        var began = time.GetTimestamp();
        try
        {
            return await line.TakeAsync(work.Owner, work.Kind.ToString(), work.Milliseconds, cancellationToken);
        }
        finally
        {
            TimeInLine.Add(time.GetElapsedTime(began));
        }
    }
}
