namespace MultiModal.Pipeline.Places;

/// <summary>
/// The places for work that keeps a core busy, one for each core unless set otherwise, and the line before them: short work goes before long
/// work, and batches take turns. Who waits for a model or for storage takes no place.
/// </summary>
internal sealed class CpuLine
{
    private readonly FairLine line;
    private readonly Func<string, int> limitOf;
    private readonly TimeProvider time;

    /// <param name="places">Number of places, 1 or more.</param>
    /// <param name="limits">Number of places that a kind of work may take at a time, where that is fewer.</param>
    /// <param name="time">Clock by which waits are measured.</param>
    public CpuLine(int places, IReadOnlyDictionary<CpuWorkKind, int> limits, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(limits);
        this.time = time;
        var byName = limits.ToDictionary(limit => limit.Key.ToString(), limit => limit.Value);
        limitOf = kind => byName.GetValueOrDefault(kind, places);
        line = new FairLine(places, limitOf);
    }

    private CpuLine(FairLine line, Func<string, int> limitOf, TimeProvider time) => (this.line, this.limitOf, this.time) = (line, limitOf, time);

    /// <summary>Number of works that have no place yet.</summary>
    public int Waiting => line.Waiting;

    /// <summary>
    /// A line before this one, in the same order: it admits, of each kind of work, as many as can have a place here and some more, which are next.
    /// </summary>
    /// <param name="more">Number of works of each kind that are admitted before there is a place for them.</param>
    public CpuLine Before(int more)
    {
        int Admitted(string kind) => limitOf(kind) + more;
        return new CpuLine(new FairLine(int.MaxValue, Admitted), Admitted, time);
    }

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
