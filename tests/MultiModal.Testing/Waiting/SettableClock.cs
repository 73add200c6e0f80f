namespace MultiModal.Testing.Waiting;

/// <summary>
/// The system's clock, except that its time of day can be set. Timers and timestamps are the system's, so that waits end by themselves.
/// </summary>
public sealed class SettableClock : TimeProvider
{
    private long offset;

    /// <param name="now">The time of day at the start; the system's if null.</param>
    public SettableClock(DateTimeOffset? now = null)
    {
        if (now is { } start) offset = (start - System.GetUtcNow()).Ticks;
    }

    /// <param name="from">Distance from the system's time of day.</param>
    public void Set(TimeSpan from) => Interlocked.Exchange(ref offset, from.Ticks);

    public void Advance(TimeSpan by) => Interlocked.Add(ref offset, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref offset));
}
