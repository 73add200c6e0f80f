namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>A clock whose time of day goes on evenly from where it was: one that is set, by hours, back or forth, changes nothing.</summary>
internal sealed class MonotonicTime(TimeProvider clock) : TimeProvider
{
    private readonly DateTimeOffset start = clock.GetUtcNow();
    private readonly long started = clock.GetTimestamp();

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => start + clock.GetElapsedTime(started);

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(callback, state, dueTime, period);
}
